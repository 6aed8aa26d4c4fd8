// `npm test`: installs what is missing, runs every test, ends with `N passed, N failed`.
import { ensureChromium, ensureFirefox } from './lib/browsers.mjs';
import { nx } from './lib/run.mjs';
import { install, requireNode, step } from './lib/set-up.mjs';
import { forgetResults, sumResults } from './lib/test-summary.mjs';

requireNode();
install();

const missing = [];
const pathOf = (ensure, what) => {
  try {
    return ensure();
  } catch (error) {
    missing.push(`${error.message} ${what}`);
    console.error(`\n${missing.at(-1)}`);
    return '';
  }
};
const env = {
  CHROMIUM_PATH: pathOf(ensureChromium, 'The browser tests fail without.'),
  FIREFOX_PATH: pathOf(ensureFirefox, 'The tests in Firefox are skipped without.'),
};

forgetResults();
const { code } = step('running the tests of every package, then end to end', () =>
  nx(['run-many', '-t', 'test', '--output-style=stream-without-prefixes', '--nxBail=false'], {
    env,
  }),
);

const { passed, failed, failures } = sumResults();
// A project whose tests could not even start (a build error, a crash) leaves no results.
const silent = code !== 0 && failed === 0 ? 1 : 0;
if (failures.length > 0) console.error(`\nFailed:\n${failures.map((name) => `  ${name}`).join('\n')}`);
if (silent) console.error('\nSome tests could not be started: see above.');
for (const line of missing) console.error(`\n${line}`);
console.log(`\n${passed} passed, ${failed + silent} failed`);
process.exitCode = failed + silent === 0 && passed > 0 ? 0 : 1;
