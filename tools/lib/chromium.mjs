// Finds a Chromium for the browser tests, or installs Debian's.
import { existsSync } from 'node:fs';

import { run } from './run.mjs';

const candidates = [
  process.env.CHROMIUM_PATH,
  '/usr/bin/chromium',
  '/usr/bin/chromium-browser',
  '/usr/bin/google-chrome',
  '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome',
];

/** Path of an installed Chromium, or undefined. */
export function findChromium() {
  return candidates.find((path) => path !== undefined && existsSync(path));
}

/** Path of a Chromium, installed with apt-get where that is possible; throws a message that says what to do. */
export function ensureChromium() {
  const found = findChromium();
  if (found !== undefined) return found;
  const how = 'Install Chromium, or set CHROMIUM_PATH to its executable.';
  if (process.getuid?.() !== 0 || !existsSync('/usr/bin/apt-get')) {
    throw new Error(`The browser tests need Chromium and none was found. ${how}`);
  }
  console.log('\n▸ installing Chromium for the browser tests (apt-get install chromium)');
  run('apt-get', ['update', '-qq'], { quiet: true });
  const { code, output } = run('apt-get', ['install', '-y', '-qq', '--no-install-recommends', 'chromium'], {
    quiet: true,
    env: { DEBIAN_FRONTEND: 'noninteractive' },
  });
  const installed = findChromium();
  if (code !== 0 || installed === undefined) {
    throw new Error(`apt-get install chromium failed. ${how}\n${output.slice(-2000)}`);
  }
  return installed;
}
