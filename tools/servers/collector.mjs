// The OpenTelemetry Collector, built by its own builder from collector.manifest.yaml, with the configuration of docker/collector.
import { createHash } from 'node:crypto';
import { copyFileSync, mkdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

import { cached } from './lib/cache.mjs';
import { answers } from './lib/child.mjs';
import { docker } from './lib/folder.mjs';
import { command, go, goBuild, goEnvironment, goPrograms } from './lib/go.mjs';

const VERSION = 'v0.158.0';
const manifest = fileURLToPath(new URL('collector.manifest.yaml', import.meta.url));

/** The program's path. A change of the manifest makes another one. */
export async function installCollector() {
  const builder = await goPrograms('ocb', 'go.opentelemetry.io/collector/cmd/builder', VERSION, ['.']);
  const text = readFileSync(manifest, 'utf8');
  const parts = createHash('sha256').update(text).digest('hex').slice(0, 8);
  const [, tags] = /build_tags: (.*)/.exec(text);
  const folder = await cached(`collector-${VERSION}-${parts}`, async (partial) => {
    copyFileSync(manifest, join(partial, 'manifest.yaml'));
    // Only generates: its own way to the modules fetches two gigabytes of them, of which a build needs a part.
    const generate = ['--skip-get-modules', '--skip-compilation', '--config', 'manifest.yaml'];
    await command(`${builder}/builder`, generate, { cwd: partial, env: goEnvironment });
    const source = join(partial, 'source');
    const modules = [...text.matchAll(/gomod: (\S+) (\S+)/g)].map(
      ([, path, version]) => `${path}@${version}`,
    );
    await go(['mod', 'init', 'unhinged/otelcol'], source);
    const required = [...modules, `go.opentelemetry.io/collector/otelcol@${VERSION}`];
    await go(['mod', 'edit', ...required.map((each) => `-require=${each}`)], source);
    await goBuild(source, '.', { tags, output: '../otelcol' });
    rmSync(source, { recursive: true });
  });
  return join(folder, 'otelcol');
}

export async function prepare({ dir, ports, port, env }) {
  const targets = join(dir, 'targets');
  mkdirSync(targets, { recursive: true });
  return {
    program: await installCollector(),
    args: collectorArguments(),
    cwd: dir,
    env: {
      // The environment may set the rest, for example COLLECTOR_DECISION_WAIT.
      ...env,
      COLLECTOR_HOST: '127.0.0.1',
      COLLECTOR_GRPC_PORT: ports.grpc,
      COLLECTOR_HTTP_PORT: ports.http,
      COLLECTOR_PROMETHEUS_PORT: ports.prometheus,
      COLLECTOR_OWN_PORT: ports.own,
      COLLECTOR_HEALTH_PORT: ports.health,
      COLLECTOR_STORAGE: join(dir, 'queue'),
      COLLECTOR_TARGETS: targets,
      KAFKA_BROKERS: `127.0.0.1:${port('kafka', 'broker')}`,
      JAEGER_ENDPOINT: `127.0.0.1:${port('jaeger', 'otlp')}`,
    },
    isReady: () => answers(`http://127.0.0.1:${ports.health}/`),
  };
}

/** As in Compose and Kubernetes. */
export const collectorArguments = () => [
  `--config=${docker('collector/config.yaml')}`,
  '--feature-gates=processor.tailsamplingprocessor.usetracestate',
];
