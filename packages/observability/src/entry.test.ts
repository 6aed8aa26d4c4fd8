import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';

/** Names that a program sees under the conditions of a runtime. */
function names(program: string, conditions: readonly string[] = []): string[] {
  const args = [...conditions.map((name) => `--conditions=${name}`), '--input-type', 'module', '-e', program];
  const { stdout, stderr, status } = spawnSync(process.execPath, args, {
    encoding: 'utf8',
    cwd: fileURLToPath(new URL('..', import.meta.url)),
    env: { ...process.env, NODE_OPTIONS: '--disable-warning=ExperimentalWarning' },
  });
  if (status !== 0) throw new Error(stderr);
  return JSON.parse(stdout) as string[];
}

const print = 'console.log(JSON.stringify(Object.keys(found).sort()))';
const esm = `const found = await import('@unhinged/observability'); ${print}`;
const cjs = `import { createRequire } from 'node:module';
  const found = createRequire(import.meta.url)('@unhinged/observability'); ${print}`;

describe('@unhinged/observability', () => {
  it('is the Node tier in Node, by import and by require', () => {
    const expected = ['ObservabilityError', 'createLogger', 'startNode'];
    expect(names(esm)).toEqual(expected);
    expect(names(cjs).filter((name) => name !== '__esModule')).toEqual(expected);
  });

  it('is the web tier under the browser condition', () => {
    expect(names(esm, ['browser'])).toEqual([
      'ObservabilityError',
      'createLogger',
      'setUser',
      'startWeb',
      'trace',
      'within',
    ]);
  });
});
