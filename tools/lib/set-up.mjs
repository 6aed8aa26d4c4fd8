// Brings a fresh clone to the point where everything runs. Only Node's own modules: nothing is installed yet.
import { createHash } from 'node:crypto';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

import { nx, root, run } from './run.mjs';

const MINIMUM = [20, 19];

function fail(message) {
  console.error(`\n${message}`);
  process.exit(1);
}

/** Prints what happens and how long it took, on stderr as all progress: stdout belongs to results. */
export function step(text, work) {
  console.error(`\n▸ ${text}`);
  const begun = Date.now();
  const result = work();
  console.error(`  done in ${((Date.now() - begun) / 1000).toFixed(1)} s`);
  return result;
}

export function requireNode() {
  const [major, minor] = process.versions.node.split('.').map(Number);
  if (major > MINIMUM[0] || (major === MINIMUM[0] && minor >= MINIMUM[1])) return;
  fail(
    `Node.js ${MINIMUM.join('.')} or newer is needed, this is ${process.versions.node}. Install it and try again.`,
  );
}

/** `npm ci`, but only when the lockfile is not the one that node_modules was made from. */
export function install() {
  const stamp = join(root, 'node_modules', '.unhinged-installed');
  const wanted = createHash('sha256')
    .update(readFileSync(join(root, 'package-lock.json')))
    .update(process.version)
    .digest('hex');
  if (existsSync(stamp) && readFileSync(stamp, 'utf8') === wanted) return;
  step('installing packages (npm ci; about two minutes the first time)', () => {
    const { code } = run('npm', ['ci', '--no-progress', '--prefer-offline', '--loglevel=error'], {
      output: 2,
    });
    if (code !== 0) fail('npm ci failed: see above. Is the npm registry reachable?');
    writeFileSync(stamp, wanted);
  });
}

/** Generates and compiles what is stale; Nx's cache knows what is. */
export function build() {
  step('generating and building what is stale', () => {
    const { code } = nx(['run-many', '-t', 'build', '--output-style=static'], { output: 2 });
    if (code !== 0) fail('The build failed: see above.');
  });
}
