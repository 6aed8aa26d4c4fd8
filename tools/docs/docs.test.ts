import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';

import { parsePolicy } from '@unhinged/observability-core';

import { freePortOffset, type Running, startCommand, temporaryFolder } from '../e2e/support/system.js';
import { nameOf, pages, root, type Snippet, snippetsOf } from './snippets.js';

const run = promisify(execFile);
const all = pages().flatMap(snippetsOf);
const programs = all.filter(({ language, marks }) => language === 'js' && marks.includes('run'));
const typed = all.filter(({ language }) => language === 'ts' || language === 'tsx');
const policies = all.filter(({ language, marks }) => language === 'json' && marks.includes('policy'));

// Inside the workspace, so that the packages are found by their names as in a user's project.
let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(root, 'tools/docs/.snippets-'));
});
afterAll(() => {
  rmSync(folder, { recursive: true, force: true });
});

const write = (snippet: Snippet, extension: string): string => {
  const file = join(folder, `${nameOf(snippet)}.${extension}`);
  writeFileSync(file, snippet.text);
  return file;
};

describe('programs of the pages run', () => {
  const data = temporaryFolder();
  let system: Running;
  let env: NodeJS.ProcessEnv;
  beforeAll(async () => {
    const offset = await freePortOffset();
    system = await startCommand(['up', '--data', data.path, '--port-offset', String(offset)]);
    env = {
      ...process.env,
      NODE_OPTIONS: '',
      FORCE_COLOR: '0',
      OTEL_EXPORTER_OTLP_ENDPOINT: `http://127.0.0.1:${String(4317 + offset)}`,
    };
  });
  afterAll(async () => {
    await system.end('SIGTERM');
    data.remove();
  });

  it.each(programs.map((snippet) => [snippet.at, snippet] as const))('%s', async (_at, snippet) => {
    const file = write(snippet, snippet.marks.includes('cjs') ? 'cjs' : 'mjs');
    const { stdout, stderr } = await run(process.execPath, [file], { env, timeout: 60_000 });
    if (snippet.output !== undefined) expect(stdout.trim()).toBe(snippet.output.trim());
    expect(stderr).not.toMatch(/ObservabilityWarning/);
  });
});

test('typed snippets of the pages fit the types of the packages', async () => {
  const files = typed.map((snippet) => write(snippet, snippet.language === 'tsx' ? 'tsx' : 'ts'));
  const config = {
    extends: join(root, 'tsconfig.base.json'),
    compilerOptions: {
      noEmit: true,
      composite: false,
      incremental: false,
      emitDeclarationOnly: false,
      customConditions: [],
      lib: ['es2023', 'dom', 'dom.iterable'],
      types: ['node'],
      jsx: 'react-jsx',
      // A page shows one thing at a time.
      noUnusedLocals: false,
      moduleDetection: 'force',
    },
    files: [...files, join(root, 'tools/docs/next-navigation.d.ts')],
  };
  writeFileSync(join(folder, 'tsconfig.json'), JSON.stringify(config));
  const tsc = join(root, 'node_modules/typescript/bin/tsc');
  const { stdout } = await run(process.execPath, [tsc, '-p', folder]).catch(
    (error: unknown) => error as { stdout: string },
  );
  expect(stdout).toBe('');
});

test.each(policies.map((snippet) => [snippet.at, snippet] as const))(
  'policy at %s is valid',
  (_at, snippet) => {
    expect(() => parsePolicy(JSON.parse(snippet.text))).not.toThrow();
  },
);

test.each(['js', 'ts', 'policies'])('there are %s snippets to check', (kind) => {
  expect({ js: programs, ts: typed, policies }[kind]).not.toEqual([]);
});
