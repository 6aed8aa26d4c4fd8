// `npm run bench -- NAME [--json]`: runs one benchmark. A benchmark is a module with `measure()` that returns figures
// `{ name, value, unit, peer?, peerValue?, ratio?, goal?, met? }`, where the peer was measured in the same run.
import { existsSync, readdirSync } from 'node:fs';
import { basename, join } from 'node:path';
import { pathToFileURL } from 'node:url';

import { root } from './lib/run.mjs';
import { build, install, requireNode } from './lib/set-up.mjs';

const folders = [
  'tools/bench',
  ...readdirSync(join(root, 'packages')).map((name) => `packages/${name}/bench`),
];
const found = new Map();
for (const folder of folders) {
  if (!existsSync(join(root, folder))) continue;
  for (const file of readdirSync(join(root, folder))) {
    if (file.endsWith('.mjs')) found.set(basename(file, '.mjs'), join(root, folder, file));
  }
}

const args = process.argv.slice(2);
const json = args.includes('--json');
const [name] = args.filter((arg) => !arg.startsWith('--'));
const file = name === undefined ? undefined : found.get(name);
if (file === undefined || args.includes('--help')) {
  console.error(`usage: npm run bench -- NAME [--json]\nbenchmarks: ${[...found.keys()].sort().join(', ')}`);
  process.exit(args.includes('--help') ? 0 : 2);
}

requireNode();
install();
build();
const { measure } = await import(pathToFileURL(file).href);
const round = (value) => (typeof value === 'number' ? Number(value.toPrecision(4)) : value);
for (const figure of await measure()) {
  if (json) {
    console.log(JSON.stringify(figure));
    continue;
  }
  const peer = figure.peer
    ? `  ${figure.peer}: ${round(figure.peerValue)}  ratio ${round(figure.ratio)}`
    : '';
  const goal = figure.goal ? `  goal ${figure.goal}: ${figure.met ? 'met' : 'not met'}` : '';
  console.log(`${figure.name}: ${round(figure.value)} ${figure.unit}${peer}${goal}`);
}
