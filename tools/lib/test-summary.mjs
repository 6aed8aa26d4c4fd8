// Adds up the results of every project, which are all in Jest's form.
import { existsSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';

import { root } from './run.mjs';

const under = (folder) => readdirSync(join(root, folder)).map((name) => `${folder}/${name}`);
const projects = () => ['tools', ...under('packages'), ...under('packages/jvm')];
const resultsOf = (project) => join(root, project, 'test-results.json');

/** Results of an earlier run must not count for this one. */
export function forgetResults() {
  for (const project of projects()) rmSync(resultsOf(project), { force: true });
}

/** Sums over all projects; a suite that could not run counts as a failure. */
export function sumResults() {
  const sum = { passed: 0, failed: 0, failures: [] };
  for (const project of projects()) {
    if (!existsSync(resultsOf(project))) continue;
    const results = JSON.parse(readFileSync(resultsOf(project), 'utf8'));
    sum.passed += results.numPassedTests;
    sum.failed += results.numFailedTests + results.numRuntimeErrorTestSuites;
    for (const suite of results.testResults) {
      for (const test of suite.assertionResults) {
        if (test.status === 'failed') sum.failures.push(`${project}: ${test.fullName}`);
      }
      if (suite.status === 'failed' && suite.assertionResults.length === 0) {
        sum.failures.push(`${project}: ${suite.name.slice(root.length)} did not run`);
      }
    }
  }
  return sum;
}
