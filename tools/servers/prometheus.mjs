// Prometheus 3 and promtool from their Go module, with the configuration and the rules of docker/prometheus.
import { cpSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

import { answers } from './lib/child.mjs';
import { docker } from './lib/folder.mjs';
import { goPrograms } from './lib/go.mjs';

/** Prometheus 3.15. */
const VERSION = 'v0.315.0';

/** The folder with `prometheus` and `promtool`. Service discovery of the clouds is most of the build, and files are all we use. */
export const installPrometheus = () =>
  goPrograms('prometheus', 'github.com/prometheus/prometheus', VERSION, ['cmd/prometheus', 'cmd/promtool'], {
    tags: 'remove_all_sd',
  });

export async function prepare({ dir, ports, port }) {
  const files = await installPrometheus();
  const config = join(dir, 'config');
  rmSync(config, { recursive: true, force: true });
  cpSync(docker('prometheus'), config, { recursive: true });
  // What Compose has in docker/prometheus/targets, with the addresses of this machine.
  const at = (server, name) => `127.0.0.1:${port(server, name)}`;
  const targets = {
    apps: [at('collector', 'prometheus')],
    collector: [at('collector', 'own')],
    bridge: [at('bridge', 'prometheus')],
    flink: [at('flink-jobmanager', 'metrics'), at('flink-taskmanager', 'metrics')],
    prometheus: [at('prometheus', 'http')],
    alertmanager: [at('alertmanager', 'http')],
  };
  mkdirSync(join(config, 'targets'), { recursive: true });
  for (const [job, list] of Object.entries(targets)) {
    writeFileSync(join(config, 'targets', `${job}.yml`), `- targets: ${JSON.stringify(list)}\n`);
  }
  return {
    program: join(files, 'prometheus'),
    args: [
      `--config.file=${join(config, 'prometheus.yml')}`,
      `--storage.tsdb.path=${join(dir, 'data')}`,
      `--web.listen-address=127.0.0.1:${ports.http}`,
      ...['--storage.tsdb.retention.time=30d', '--web.enable-lifecycle'],
      '--enable-feature=exemplar-storage',
    ],
    cwd: dir,
    isReady: () => answers(`http://127.0.0.1:${ports.http}/-/ready`),
  };
}
