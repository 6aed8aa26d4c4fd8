// `npm run check`: everything that must hold before a commit is pushed. `--no-test` leaves the tests out.
import { nx, run } from './lib/run.mjs';
import { install, requireNode, step } from './lib/set-up.mjs';

requireNode();
install();

const steps = [
  ['format (prettier)', () => run('npx', ['prettier', '--check', '--log-level', 'warn', '.'])],
  ['project references (nx sync)', () => nx(['sync:check'])],
  [
    'lint, types, build, API reports, packed artifacts, protobuf',
    () =>
      nx(['run-many', '-t', 'lint', 'typecheck', 'build', 'api', 'pack-check', 'buf-lint', '--nxBail=false']),
  ],
  ['lint of tools and scripts', () => run('npx', ['eslint', 'tools', '*.mjs'])],
];
if (!process.argv.includes('--no-test')) {
  steps.push(['tests', () => run(process.execPath, ['tools/test.mjs'])]);
}

const failed = steps.filter(([name, work]) => step(name, work).code !== 0).map(([name]) => name);
console.log(failed.length === 0 ? '\nAll checks passed.' : `\nFailed: ${failed.join('; ')}`);
process.exitCode = failed.length === 0 ? 0 : 1;
