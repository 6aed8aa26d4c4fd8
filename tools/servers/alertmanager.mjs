// Alertmanager and amtool from their Go module, with the configuration of docker/alertmanager.
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

import { answers } from './lib/child.mjs';
import { docker } from './lib/folder.mjs';
import { goPrograms } from './lib/go.mjs';

const VERSION = 'v0.35.0';

/** The folder with `alertmanager` and `amtool`. Their page is not in the module: the API is all there is. */
export const installAlertmanager = () =>
  goPrograms(
    'alertmanager',
    'github.com/prometheus/alertmanager',
    VERSION,
    ['cmd/alertmanager', 'cmd/amtool'],
    {
      missing: { 'ui/app/dist/elm/index.html': '', 'ui/app/dist/mantine/index.html': '' },
    },
  );

/** The configuration with the address that docker/alertmanager/start.sh puts in, too. */
export const alertmanagerConfig = (webhook) =>
  readFileSync(docker('alertmanager/alertmanager.yml'), 'utf8').replaceAll('@ALERT_WEBHOOK_URL@', webhook);

export async function prepare({ dir, ports, env }) {
  const bin = await installAlertmanager();
  const file = join(dir, 'alertmanager.yml');
  mkdirSync(dir, { recursive: true });
  writeFileSync(file, alertmanagerConfig(env.ALERT_WEBHOOK_URL ?? 'http://127.0.0.1:9/'));
  return {
    program: join(bin, 'alertmanager'),
    args: [
      `--config.file=${file}`,
      `--storage.path=${join(dir, 'data')}`,
      `--web.listen-address=127.0.0.1:${ports.http}`,
      // One of them: nobody to gossip with.
      '--cluster.listen-address=',
    ],
    cwd: dir,
    isReady: () => answers(`http://127.0.0.1:${ports.http}/-/ready`),
  };
}
