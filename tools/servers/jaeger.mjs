// Jaeger v2 from its Go module, with the configuration of docker/jaeger.
import { join } from 'node:path';

import { answers } from './lib/child.mjs';
import { docker } from './lib/folder.mjs';
import { goPrograms } from './lib/go.mjs';

/** The newest that the module proxy gives; the same configuration runs on 2.x. */
const VERSION = 'v1.62.0';

/** The program's path. */
export const installJaeger = async () =>
  join(await goPrograms('jaeger', 'github.com/jaegertracing/jaeger', VERSION, ['cmd/jaeger']), 'jaeger');

export async function prepare({ dir, ports, env }) {
  return {
    program: await installJaeger(),
    args: ['--config', docker('jaeger/memory.yaml')],
    cwd: dir,
    env: {
      ...env,
      JAEGER_HOST: '127.0.0.1',
      JAEGER_OTLP_PORT: ports.otlp,
      JAEGER_QUERY_PORT: ports.query,
      JAEGER_QUERY_GRPC_PORT: ports.queryGrpc,
      JAEGER_HEALTH_PORT: ports.health,
    },
    isReady: () => answers(`http://127.0.0.1:${ports.query}/api/services`),
  };
}
