import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { createContext, runInContext } from 'node:vm';
import { gzipSync } from 'node:zlib';
import { build } from 'esbuild';
import type { LogView } from '@unhinged/observability-core';
import { logRecord } from '../../testing/embedded/records.js';
import { rawRequest, runEmbedded, tempDir, until } from '../../testing/embedded/run-embedded.js';
import { resolveStack } from './resolve-stack.js';
import { debugIdOf, SourceMapStore } from './source-map-store.js';

const ID = '85314830-023f-4cf1-a267-535f4e37bb17';
const idOf = (n: number) => `00000000-0000-4000-8000-${n.toString(16).padStart(12, '0')}`;
const MAP = { version: 3, sources: ['src/app.ts'], names: ['pay'], mappings: 'AAAAA' };
const map = (more: object = {}) => JSON.stringify({ ...MAP, ...more });

/** A minified program that throws, its map, and the stack that V8 gives it under a URL. */
async function failing(url: string) {
  const source = `
export function checkOut(cart: { total: number }) {
  return payWith(cart.total);
}
function payWith(total: number): never {
  throw new RangeError('no money: ' + total);
}
(globalThis as any).failHere = () => { try { checkOut({ total: 7 }); } catch (error) { return (error as Error).stack; } };
`;
  const result = await build({
    stdin: { contents: source, sourcefile: 'src/shop/cart.ts', loader: 'ts' },
    bundle: true,
    minify: true,
    format: 'iife',
    sourcemap: 'external',
    outfile: '/dist/app.js',
    write: false,
  });
  const text = (end: string) => result.outputFiles.find(({ path }) => path.endsWith(end))?.text ?? '';
  const context = createContext({}) as { failHere?: () => string };
  runInContext(text('.js'), context, { filename: url });
  const stack = context.failHere?.() ?? '';
  return { stack, map: text('.map') };
}

async function store(limits = {}, dir?: string, now?: () => number) {
  return SourceMapStore.open(dir ?? (await tempDir()), { limits, ...(now && { now }) });
}

test('a minified stack of V8 is given back with the places and names of its sources', async () => {
  const url = 'https://shop.example/assets/app-1a2b.js';
  const { stack, map: text } = await failing(url);
  expect(stack).not.toContain('cart.ts');
  const maps = await store();
  await maps.put(ID, text);
  const resolved = await resolveStack(stack, [`${ID} ${url}`], (id) => maps.get(id));
  const lines = resolved?.split('\n') ?? [];
  expect(lines[0]).toBe('RangeError: no money: 7');
  expect(lines[1]).toMatch(/^ {4}at payWith \(src\/shop\/cart\.ts:6:\d+\)$/);
  expect(lines[2]).toMatch(/^ {4}at checkOut \(src\/shop\/cart\.ts:3:\d+\)$/);
  expect(lines[3]).toContain('src/shop/cart.ts:8:');
  // Frames that are not of the file stay.
  expect(lines.slice(4)).toEqual(stack.split('\n').slice(4));
});

test('stacks of Firefox and Safari too, and nothing that is not ours', async () => {
  const maps = await store();
  await maps.put(ID, map());
  const resolve = (stack: string, ids: unknown[] = [`${ID} https://a.example/a.js`]) =>
    resolveStack(stack, ids, (id) => maps.get(id));
  expect(await resolve('t@https://a.example/a.js:1:1\n@https://a.example/b.js:1:1')).toBe(
    '    at t (src/app.ts:1:1)\n@https://a.example/b.js:1:1',
  );
  expect(await resolve('no frame at all')).toBeUndefined();
  expect(
    await resolve('at https://a.example/a.js:1:1', ['x', 7, null, `${idOf(9)} https://a.example/a.js`]),
  ).toBeUndefined();
});

test('maps are bounded in size, number and age, the oldest go, also over a restart', async () => {
  const dir = await tempDir();
  let clock = 1e12;
  const now = () => clock;
  const limits = { maps: 3, ageMs: 10_000 };
  const maps = await store(limits, dir, now);
  for (let n = 0; n < 5; n++) {
    await maps.put(idOf(n), map());
    clock += 1_000;
  }
  expect([await maps.get(idOf(1)), maps.stats()]).toMatchObject([
    undefined,
    { maps: 3, evicted: { room: 2 } },
  ]);
  expect(await maps.get(idOf(4))).toBeDefined();
  const again = await store(limits, dir, now);
  expect(again.stats()).toEqual({ ...maps.stats(), evicted: { age: 0, room: 0 } });
  clock += 8_500;
  await again.put(idOf(9), map());
  expect(again.stats().evicted.age).toBe(2);
  expect((await readdir(dir)).sort()).toEqual([`${idOf(4)}.map.gz`, `${idOf(9)}.map.gz`]);
  const small = await store({ totalBytes: again.stats().bytes }, dir, now);
  await small.put(idOf(10), map({ names: ['a name of some length'] }));
  expect(small.stats().bytes).toBeLessThanOrEqual(small.limits.totalBytes);
  expect(await small.get(idOf(10))).toBeDefined();
});

test.each([
  ['not json', '{', 'not JSON'],
  ['another version', map({ version: 2 }), 'version 3'],
  ['sections', JSON.stringify({ version: 3, sections: [] }), 'sections'],
  ['sources of numbers', map({ sources: [7] }), 'sources'],
  ['the id of another', map({ debugId: idOf(1) }), idOf(1)],
])('%s is refused and says so', async (_, text, message) => {
  const maps = await store();
  await expect((async () => maps.put(ID, text))()).rejects.toThrow(message);
  expect(maps.stats().maps).toBe(0);
});

test('sources themselves are not stored', async () => {
  const dir = await tempDir();
  const maps = await store({}, dir);
  await maps.put(ID, map({ sourcesContent: ['secret'.repeat(1_000)] }));
  expect(maps.stats().bytes).toBeLessThan(300);
});

test.each(['..', '../x', 'a/../../b', `${ID}/..`, `${ID}.map`, `..%2f${ID}`, '', 'x'.repeat(36), `${ID}\0`])(
  '%j is no debug id',
  (text) => {
    expect(debugIdOf(text)).toBeUndefined();
  },
);

describe('the upload', () => {
  const put = (
    url: string,
    id: string,
    body: string | Uint8Array<ArrayBuffer>,
    headers: Record<string, string> = {},
  ) =>
    fetch(`${url}/api/sourcemaps/${id}`, {
      method: 'PUT',
      headers: { 'content-type': 'application/json', ...headers },
      body,
    });

  test('takes maps plain and packed, from this machine, and only as PUT of JSON to an id', async () => {
    const { url } = await runEmbedded(await tempDir());
    expect((await put(url, ID, map())).status).toBe(200);
    expect((await put(url, ID.toUpperCase(), gzipSync(map()), { 'content-encoding': 'gzip' })).status).toBe(
      200,
    );
    expect((await put(url, ID, map(), { 'content-encoding': 'gzip' })).status).toBe(400);
    expect((await put(url, ID, map({ version: 2 }))).status).toBe(400);
    expect((await put(url, ID, map(), { 'content-type': 'text/plain' })).status).toBe(415);
    expect((await put(url, ID, map(), { origin: 'https://evil.example' })).status).toBe(403);
    expect((await fetch(`${url}/api/sourcemaps/${ID}`)).status).toBe(405);
    for (const path of ['..%2f..%2fx', '../../x', '%00', `${ID}%2f..`]) {
      const { status } = await rawRequest(url, {
        method: 'PUT',
        path: `/api/sourcemaps/${path}`,
        headers: { 'content-type': 'application/json' },
        body: map(),
      });
      expect([path, status]).toEqual([path, 400]);
    }
  });

  test('is bounded, also when it is packed', async () => {
    const { url } = await runEmbedded(await tempDir());
    const large = gzipSync(map({ names: ['x'.repeat(33 * 1024 * 1024)] }));
    expect(large.length).toBeLessThan(1024 * 1024);
    expect((await put(url, ID, large, { 'content-encoding': 'gzip' })).status).toBe(413);
  });

  test('with a token wants the token', async () => {
    const { url } = await runEmbedded(await tempDir(), {
      console: { host: '127.0.0.1', port: 0, pageDir: undefined, uploadToken: 'a-token-of-some-length' },
    });
    expect((await put(url, ID, map())).status).toBe(403);
    expect((await put(url, ID, map(), { authorization: 'Bearer another-token-of-that' })).status).toBe(403);
    expect((await put(url, ID, map(), { authorization: 'Bearer a-token-of-some-length' })).status).toBe(200);
  });
});

test('an error line is resolved in the lake and by the console, which still has the raw stack', async () => {
  const dataDir = await tempDir();
  const { url, append, post, get, embedded } = await runEmbedded(dataDir);
  const file = 'https://shop.example/app.js';
  const { stack, map: text } = await failing(file);
  const body = gzipSync(text);
  await fetch(`${url}/api/sourcemaps/${ID}`, {
    method: 'PUT',
    headers: { 'content-type': 'application/json', 'content-encoding': 'gzip' },
    body,
  });
  const debugIds = [`${ID} ${file}`];
  const record = (message: string, metadata: Record<string, unknown>) =>
    logRecord({ message, metadata, level: 5, stack });
  await append(record('with', { 'unhinged.debug_ids': debugIds }), record('without', {}));
  const logs = await until('the lines', async () => {
    const answer = await get<{ logs: LogView[] }>('/api/logs');
    return answer.logs.length === 2 ? answer.logs : undefined;
  });
  expect(logs.map((log) => log.error?.stack)).toEqual([stack, stack]);
  const answer = await post('/api/stack', { stack, debugIds });
  expect(((await answer.json()) as { stack: string }).stack).toContain('at payWith (src/shop/cart.ts:6:');
  expect(await (await post('/api/stack', { stack, debugIds: [] })).json()).toEqual({ stack: null });
  expect((await post('/api/stack', { stack })).status).toBe(400);
  expect(await readdir(join(dataDir, 'sourcemaps'))).toEqual([`${ID}.map.gz`]);

  await embedded.flush();
  const rows = await post('/api/query', {
    sql: `select message, error_stack as stack from observability_logs order by message`,
  });
  const { rows: found } = (await rows.json()) as { rows: [string, string][] };
  expect(found[0]?.[1]).toContain('at payWith (src/shop/cart.ts:6:');
  expect(found[1]?.[1]).toBe(stack);
});
