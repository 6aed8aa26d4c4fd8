// `node tools/lib/maven-test.mjs PROJECT`: runs a Maven project's tests and leaves their results where Jest's are, in the same form.
import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

import { root, run } from './run.mjs';

const project = join(root, process.argv[2] ?? '');
const reports = join(project, 'target', 'surefire-reports');
rmSync(reports, { recursive: true, force: true });
const { code } = run('mvn', ['-q', '-B', 'test'], { cwd: project });
if (code === 127) console.error('Java 17 and Maven are needed for the tests of this project.');
mkdirSync(reports, { recursive: true });
const suites = readdirSync(reports)
  .filter((file) => file.endsWith('.xml'))
  .map((file) => suiteOf(join(reports, file)));
const all = suites.flatMap(({ assertionResults }) => assertionResults);
const failed = all.filter(({ status }) => status === 'failed').length;
writeFileSync(
  join(project, 'test-results.json'),
  JSON.stringify({
    numPassedTests: all.filter(({ status }) => status === 'passed').length,
    numFailedTests: failed,
    // Nothing ran: it does not compile, or there is no Maven.
    numRuntimeErrorTestSuites: code !== 0 && failed === 0 ? 1 : 0,
    testResults: suites,
  }),
);
process.exitCode = code;

/** One file of Surefire's: `<testcase name classname>`, with `<failure>` or `<error>` inside when it failed. */
function suiteOf(file) {
  const cases = readFileSync(file, 'utf8').matchAll(/<testcase ([^>]*?)(?:\/>|>([\s\S]*?)<\/testcase>)/g);
  const assertionResults = [...cases].map(([, attributes, inside = '']) => {
    const of = (name) => new RegExp(` ?${name}="([^"]*)"`).exec(attributes)?.[1] ?? '';
    const kind = /<(failure|error|skipped)/.exec(inside)?.[1];
    const status = kind === 'skipped' ? 'pending' : kind === undefined ? 'passed' : 'failed';
    return { fullName: `${of('classname').split('.').at(-1)} ${of('name')}`, status };
  });
  const isFailed = assertionResults.some(({ status }) => status === 'failed');
  return { name: file, status: isFailed ? 'failed' : 'passed', assertionResults };
}
