import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { mkdirSync, mkdtempSync, renameSync, rmSync, unlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Policy } from '@unhinged/observability-core';
import { eventually } from '../testing/run-app.js';
import { watchPolicyFile } from './policy-file.js';

let folder: string;
let path: string;
let policies: Policy[];
let problems: Error[];
let stop: () => void;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'policy-'));
  path = join(folder, 'policy.json');
  policies = [];
  problems = [];
});
afterEach(() => {
  stop();
  rmSync(folder, { recursive: true, force: true });
});

const withRate = (rate: number) => JSON.stringify({ version: 1, lake: { rate } });
const start = (options?: { debounceMs?: number; pollMs?: number }) => {
  stop = watchPolicyFile(
    path,
    { onPolicy: (policy) => policies.push(policy), onProblem: (problem) => problems.push(problem) },
    options,
  );
};
const rates = () => policies.map((policy) => policy.lake.rate);

describe('a policy file', () => {
  it('is read at once, and again when it is written', async () => {
    writeFileSync(path, withRate(0.5));
    start({ pollMs: 1e6 });
    expect(rates()).toEqual([0.5]);
    writeFileSync(path, withRate(0.25));
    await eventually('the new rate', () => rates().includes(0.25));
  });

  it('is followed when another file takes its place, more than once', async () => {
    writeFileSync(path, withRate(0.5));
    start({ pollMs: 1e6 });
    for (const rate of [0.25, 0.125]) {
      writeFileSync(join(folder, 'next'), withRate(rate));
      renameSync(join(folder, 'next'), path);
      await eventually('the new rate', () => rates().at(-1) === rate);
    }
  });

  it('is found by the poll where the system announces nothing', async () => {
    path = join(folder, 'not-yet-there', 'policy.json');
    start({ pollMs: 20 });
    mkdirSync(join(folder, 'not-yet-there'));
    writeFileSync(path, withRate(0.5));
    await eventually('the rate', () => rates().includes(0.5));
  });

  it('that is missing, no JSON or senseless is a problem that names the file and the wrong value', async () => {
    start();
    expect(problems[0]?.message).toContain(path);
    writeFileSync(path, '{');
    await eventually('a problem with the JSON', () =>
      problems.some((problem) => problem.message.includes('JSON')),
    );
    writeFileSync(path, JSON.stringify({ version: 1, lake: { rate: 7 } }));
    const problem = await eventually('a problem with the rate', () =>
      problems.find((found) => found.message.includes('lake.rate')),
    );
    expect(problem).toMatchObject({ code: 'bad_policy', message: expect.stringContaining(path) });
    expect(policies).toEqual([]);
    writeFileSync(path, withRate(0.5));
    await eventually('the rate', () => rates().includes(0.5));
    unlinkSync(path);
    await eventually('the file is gone', () => problems.at(-1)?.message.includes('ENOENT'));
    expect(rates()).toEqual([0.5]);
  });
});
