import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { jest } from '@jest/globals';
import { build } from 'esbuild';
import { freePortOffset, killAll, start, unhinged } from '../testing/command.js';

jest.setTimeout(90_000);

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'unhinged-maps-'));
});
afterEach(async () => {
  await killAll();
  rmSync(folder, { recursive: true, force: true });
});

/** A build of two chunks and a file without a map. */
async function dist(): Promise<string> {
  const dir = join(folder, 'dist');
  for (const name of ['app', 'admin']) {
    await build({
      stdin: { contents: `console.log('${name}')`, sourcefile: `src/${name}.ts`, loader: 'ts' },
      minify: true,
      sourcemap: true,
      outfile: join(dir, 'assets', `${name}.js`),
    });
  }
  writeFileSync(join(dir, 'plain.js'), 'x()');
  return dir;
}

const lines = (stdout: string) =>
  stdout
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as { file: string; debugId: string; id: string; uploaded: boolean });

test('the maps of a build are injected once, uploaded, and stored by their ids, without sources', async () => {
  const offset = await freePortOffset();
  const data = join(folder, 'data');
  await start(['up', '--data', data, '--port-offset', String(offset)]).line(/^ready$/);
  const dir = await dist();
  const endpoint = ['--endpoint', `http://127.0.0.1:${4319 + offset}`];
  const first = unhinged(['sourcemaps', 'upload', dir, '--json', ...endpoint]);
  expect([first.status, first.stderr]).toEqual([0, '']);
  const done = lines(first.stdout);
  expect(done.map(({ id, uploaded }) => [id, uploaded])).toEqual([
    ['injected', true],
    ['injected', true],
  ]);
  const stored = readdirSync(join(data, 'sourcemaps')).sort();
  expect(stored).toEqual(done.map(({ debugId }) => `${debugId}.map.gz`).sort());
  for (const { file, debugId } of done) {
    const code = readFileSync(join(dir, 'assets', file.split('/').at(-1) ?? ''), 'utf8');
    expect(code).toContain(`//# debugId=${debugId}`);
  }
  const again = unhinged(['sourcemaps', 'upload', dir, ...endpoint]);
  expect(again.stdout.match(/kept/g)).toHaveLength(2);
  expect(again.stderr).toContain('plain.js has no source map.');
});

test('a dry run changes nothing and asks nobody', async () => {
  const dir = await dist();
  const before = readFileSync(join(dir, 'assets', 'app.js'), 'utf8');
  const { status, stdout } = unhinged([
    'sourcemaps',
    'upload',
    dir,
    '--dry-run',
    '--json',
    '--endpoint',
    'http://127.0.0.1:9',
  ]);
  expect([status, lines(stdout).map(({ uploaded }) => uploaded)]).toEqual([0, [false, false]]);
  expect(readFileSync(join(dir, 'assets', 'app.js'), 'utf8')).toBe(before);
});

test('what cannot be done is said, with what to do, and by the exit code', async () => {
  const upload = (...args: string[]) => unhinged(['sourcemaps', 'upload', ...args]);
  expect(upload(join(folder, 'none'))).toMatchObject({
    status: 2,
    stderr: expect.stringContaining('none') as string,
  });
  mkdirSync(join(folder, 'empty'));
  expect(upload(join(folder, 'empty')).stderr).toContain('no built file with a source map');
  const dir = await dist();
  expect(upload(dir, '--endpoint', 'http://127.0.0.1:9')).toMatchObject({
    status: 1,
    stderr: expect.stringContaining('does not answer') as string,
  });
  writeFileSync(join(dir, 'assets', 'app.js.map'), '{"version":2}');
  expect(upload(dir)).toMatchObject({ status: 2, stderr: expect.stringContaining('app.js.map') as string });
  expect(upload().status).toBe(2);
});
