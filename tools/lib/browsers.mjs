// Finds the browsers of the tests, or installs Debian's.
import { existsSync } from 'node:fs';

import { run } from './run.mjs';

const CHROMIUM = {
  name: 'Chromium',
  apt: 'chromium',
  variable: 'CHROMIUM_PATH',
  paths: [
    '/usr/bin/chromium',
    '/usr/bin/chromium-browser',
    '/usr/bin/google-chrome',
    '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome',
  ],
};
const FIREFOX = {
  name: 'Firefox',
  apt: 'firefox-esr',
  variable: 'FIREFOX_PATH',
  paths: ['/usr/bin/firefox-esr', '/usr/bin/firefox', '/Applications/Firefox.app/Contents/MacOS/firefox'],
};

/** Path of a Chromium, installed with apt-get where that is possible; throws a message that says what to do. */
export const ensureChromium = () => ensure(CHROMIUM);

/** The same of a Firefox. */
export const ensureFirefox = () => ensure(FIREFOX);

function ensure(browser) {
  const { name, apt, variable } = browser;
  const found = find(browser);
  if (found !== undefined) return found;
  const how = `Install ${name}, or set ${variable} to its executable.`;
  if (process.getuid?.() !== 0 || !existsSync('/usr/bin/apt-get')) {
    throw new Error(`The browser tests need ${name} and none was found. ${how}`);
  }
  console.log(`\n▸ installing ${name} for the browser tests (apt-get install ${apt})`);
  run('apt-get', ['update', '-qq'], { quiet: true });
  const { code, output } = run('apt-get', ['install', '-y', '-qq', '--no-install-recommends', apt], {
    quiet: true,
    env: { DEBIAN_FRONTEND: 'noninteractive' },
  });
  const installed = find(browser);
  if (code !== 0 || installed === undefined) {
    throw new Error(`apt-get install ${apt} failed. ${how}\n${output.slice(-2000)}`);
  }
  return installed;
}

const find = ({ variable, paths }) =>
  [process.env[variable], ...paths].find((path) => path !== undefined && path !== '' && existsSync(path));
