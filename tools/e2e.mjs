// `npm run e2e`: the whole architecture on the real servers, which are built first where the cache lacks them.
import { ensureChromium } from './lib/browsers.mjs';
import { run } from './lib/run.mjs';
import { build, install, requireNode, step } from './lib/set-up.mjs';

requireNode();
install();
const chromium = ensureChromium();
build();

const steps = [
  ['what is not in ~/.cache/unhinged yet', ['tools/servers/install.mjs']],
  ['loading every file of docker/ with its own program', ['tools/check-docker/main.mjs']],
  [
    'playing one request through every server, killing each, sampling a recorded set',
    [
      ...['--experimental-vm-modules', 'node_modules/.bin/jest'],
      ...['--config', 'tools/jest.stack.config.mjs', '--verbose', ...process.argv.slice(2)],
    ],
  ],
];
const failed = steps.filter(
  ([name, args]) =>
    step(name, () => run(process.execPath, args, { env: { CHROMIUM_PATH: chromium } })).code !== 0,
);
for (const [name] of failed) console.log(`Failed: ${name}`);
process.exitCode = failed.length === 0 ? 0 : 1;
