import { mkdir, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { ErrorResponse } from '@unhinged/observability-core';
import { rawRequest, runEmbedded, tempDir } from '../../testing/embedded/run-embedded.js';

const errorOf = async (response: Response) => {
  const { error } = (await response.json()) as ErrorResponse;
  return { status: response.status, ...error };
};

async function page() {
  const dir = await tempDir();
  await writeFile(join(dir, 'secret.txt'), 'secret');
  const pageDir = join(dir, 'page');
  await mkdir(join(pageDir, 'assets'), { recursive: true });
  await writeFile(join(pageDir, 'index.html'), '<!doctype html>');
  await writeFile(join(pageDir, 'icon.svg'), '<svg/>');
  await writeFile(join(pageDir, 'assets', 'app-1a2b.js'), 'let x');
  await symlink(join(dir, 'secret.txt'), join(pageDir, 'link.txt'));
  return runEmbedded(dir, { console: { host: '127.0.0.1', port: 0, pageDir } });
}

test('the page is served with types, caching and a policy that allows nothing inline', async () => {
  const { url } = await page();
  for (const path of ['/', '/traces/abc', '/?x=1']) {
    const response = await fetch(url + path);
    expect(await response.text()).toBe('<!doctype html>');
    expect(response.headers.get('content-type')).toBe('text/html; charset=utf-8');
    expect(response.headers.get('cache-control')).toBe('no-cache');
    expect(response.headers.get('content-security-policy')).toContain("default-src 'none'");
    expect(response.headers.get('content-security-policy')).not.toContain('unsafe');
    expect(response.headers.get('x-content-type-options')).toBe('nosniff');
  }
  const script = await fetch(`${url}/assets/app-1a2b.js`);
  expect(script.headers.get('content-type')).toBe('text/javascript; charset=utf-8');
  expect(script.headers.get('cache-control')).toContain('immutable');
  expect((await fetch(`${url}/icon.svg`)).headers.get('content-type')).toBe('image/svg+xml');
  const head = await fetch(`${url}/icon.svg`, { method: 'HEAD' });
  expect([head.headers.get('content-length'), await head.text()]).toEqual(['6', '']);
});

test.each([
  '/missing.js',
  '/../secret.txt',
  '/..%2fsecret.txt',
  '/%2e%2e/secret.txt',
  '/assets/..%5c..%5csecret.txt',
  '/link.txt',
  '/icon.svg%00.txt',
  '/%ff.txt',
  '/api/nothing',
  '/api/../secret.txt',
])('%s is 404 as JSON, and nothing outside the page is ever sent', async (path) => {
  const { url } = await page();
  const { status, body } = await rawRequest(url, { path });
  expect(status).toBe(404);
  expect((JSON.parse(body) as ErrorResponse).error.code).toBe('not_found');
});

test('without a built page, / says so', async () => {
  const { url } = await runEmbedded(await tempDir());
  expect((await errorOf(await fetch(url))).message).toContain('was not built');
});

test('a foreign host name is refused, loopback names are not', async () => {
  const { url } = await runEmbedded(await tempDir());
  const status = async (host: string) =>
    (await rawRequest(url, { path: '/api/status', headers: { host } })).status;
  for (const host of [
    'evil.example',
    'evil.example:4319',
    '127.0.0.1.evil.example',
    '10.0.0.1',
    'localhost@evil.example',
  ]) {
    expect([host, await status(host)]).toEqual([host, 403]);
  }
  for (const host of ['localhost', 'LOCALHOST:9', '127.0.0.1:1', '[::1]:4319', 'console.localhost:80']) {
    expect([host, await status(host)]).toEqual([host, 200]);
  }
});

test('a POST from another origin, or with another type of body, is refused', async () => {
  const { url, post } = await runEmbedded(await tempDir());
  const sql = { sql: 'select 1' };
  expect(await errorOf(await post('/api/query', sql, { 'content-type': 'text/plain' }))).toMatchObject({
    status: 415,
    code: 'unsupported_media_type',
  });
  for (const origin of ['https://evil.example', 'null', 'http://127.0.0.1:1']) {
    expect(await errorOf(await post('/api/query', sql, { origin }))).toMatchObject({
      status: 403,
      code: 'forbidden_origin',
    });
  }
  expect((await post('/api/query', sql, { origin: url })).status).toBe(200);
  expect((await post('/api/query', sql)).status).toBe(200);
  expect((await post('/api/flush', {}, { origin: 'https://evil.example' })).status).toBe(403);
});

test('a wrong method says which one is right', async () => {
  const { url } = await runEmbedded(await tempDir());
  const get = await fetch(`${url}/api/query`);
  expect([get.status, get.headers.get('allow')]).toEqual([405, 'POST']);
  const post = await fetch(`${url}/api/traces`, { method: 'POST' });
  expect([post.status, post.headers.get('allow')]).toEqual([405, 'GET, HEAD']);
});

test.each([
  ['/api/traces?limit=0', 'Parameter limit: expected a number from 1 to 10000, got "0".'],
  ['/api/traces?limit=1.5', 'Parameter limit: expected a whole number'],
  ['/api/traces?minMs=abc', 'Parameter minMs: expected a number'],
  ['/api/traces?errors=maybe', 'Parameter errors: expected 1 or 0, got "maybe".'],
  ['/api/traces?sevice=a', 'Unknown parameter "sevice"; known here: service, q, errors, minMs, limit.'],
  ['/api/traces/xyz', 'Path: expected a trace id of 32 hex digits, got "xyz".'],
  ['/api/logs?level=loud', 'expected one of trace, debug, info, warn, error, fatal, got "loud"'],
  ['/api/logs?traceId=1', 'Parameter traceId: expected a trace id'],
  ['/api/metrics/series', 'Parameter name is missing.'],
])('GET %s is a clear 400', async (path, message) => {
  const { url } = await runEmbedded(await tempDir());
  const { status, code, message: text } = await errorOf(await fetch(url + path));
  expect([status, code]).toEqual([400, 'bad_request']);
  expect(text).toContain(message);
});

test('a bad query is a 400 that says what is wrong, in the words of DuckDB where it was DuckDB', async () => {
  const { post } = await runEmbedded(await tempDir());
  for (const [body, code, message] of [
    [{ sql: 'selec 1' }, 'bad_query', 'syntax error at or near "selec"'],
    [{ sql: 'select nothing from observability_logs' }, 'bad_query', 'nothing'],
    [{ sql: 'select * from no_table' }, 'bad_query', 'no_table'],
    [{ sql: "copy observability_logs to '/tmp/x'" }, 'bad_query', ''],
    [{ sql: '' }, 'bad_request', 'Field sql'],
    [
      { sql: 'select 1', maxRows: 0 },
      'bad_request',
      'Field maxRows: expected a whole number from 1 to 10000, got 0.',
    ],
    [{ sql: 'select 1', rows: 1 }, 'bad_request', 'Unknown field "rows"'],
    [[], 'bad_request', 'Expected a JSON object'],
    ['{"sql": ', 'bad_request', 'The body is not JSON'],
  ] as const) {
    const { status, code: is, message: text } = await errorOf(await post('/api/query', body));
    expect([body, status, is]).toEqual([body, 400, code]);
    expect(text).toContain(message);
  }
  const large = await post('/api/query', { sql: 'x'.repeat(1024 * 1024) });
  expect(await errorOf(large)).toMatchObject({ status: 413, code: 'too_large' });
});

test('what is not there is 404 with where to look', async () => {
  const { url } = await runEmbedded(await tempDir());
  const id = 'a'.repeat(32);
  expect(await errorOf(await fetch(`${url}/api/traces/${id}`))).toMatchObject({
    status: 404,
    code: 'not_found',
  });
  expect((await errorOf(await fetch(`${url}/api/metrics/series?name=none`))).message).toContain('"none"');
});

test('health and readiness answer', async () => {
  const { url } = await runEmbedded(await tempDir());
  for (const path of ['/healthz', '/readyz']) {
    expect((await fetch(url + path)).status).toBe(200);
  }
});
