// Writes ../dashboards/*.json: `node docker/grafana/source/build.mjs`. With --check it only says which are not up to date.
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';

import { dashboards } from './dashboards.mjs';

const folder = new URL('../dashboards/', import.meta.url);
mkdirSync(folder, { recursive: true });
for (const [name, dashboard] of Object.entries(dashboards)) {
  const file = new URL(`${name}.json`, folder);
  const text = `${JSON.stringify(dashboard, null, 2)}\n`;
  if (!process.argv.includes('--check')) {
    writeFileSync(file, text);
  } else if (readFileSync(file, 'utf8') !== text) {
    console.error(`docker/grafana/dashboards/${name}.json is not what docker/grafana/source makes`);
    process.exitCode = 1;
  }
}
