// Our bridge as a user has it, the built `unhinged up`, reading the stream of the stack's broker.
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

import { answers } from './lib/child.mjs';

const cli = fileURLToPath(new URL('../../packages/observability/dist/cli/main.js', import.meta.url));

export function prepare({ dir, ports, port, env }) {
  if (!existsSync(cli)) throw new Error('the bridge is not built: npx nx run-many -t build');
  return {
    program: process.execPath,
    args: [
      ...[cli, 'up', '--data', join(dir, 'data'), '--flush-interval', '1'],
      ...['--grpc-port', String(ports.grpc), '--http-port', String(ports.http)],
      ...['--prometheus-port', String(ports.prometheus), '--console-port', String(ports.console)],
      ...['--kafka-brokers', `127.0.0.1:${port('kafka', 'broker')}`],
    ],
    cwd: dir,
    env,
    isReady: () => answers(`http://127.0.0.1:${ports.console}/readyz`),
  };
}
