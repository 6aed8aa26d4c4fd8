import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { getJson, postJson, withQuery } from './client.js';

let server: Server;
let base: string;
beforeAll(async () => {
  server = createServer((request, response) => {
    if (request.url === '/bad') {
      response.writeHead(400, { 'content-type': 'application/json' });
      response.end('{"error":{"code":"bad_query","message":"syntax error at or near \\"selec\\""}}');
    } else if (request.url === '/proxy') {
      response.writeHead(502).end('<h1>Bad gateway</h1>');
    } else {
      const type = request.headers['content-type'] ?? 'none';
      request.setEncoding('utf8');
      let body = '';
      request.on('data', (part: string) => (body += part));
      request.on('end', () => response.end(JSON.stringify({ method: request.method, type, body })));
    }
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  base = `http://127.0.0.1:${(server.address() as AddressInfo).port.toString()}`;
});
afterAll(() => new Promise((resolve) => server.close(resolve)));

it('reads and posts JSON', async () => {
  expect(await getJson(`${base}/`)).toMatchObject({ method: 'GET' });
  expect(await postJson(`${base}/`, {})).toEqual({ method: 'POST', type: 'application/json', body: '{}' });
});

it('gives the words of the server when it refuses', async () => {
  await expect(getJson(`${base}/bad`)).rejects.toMatchObject({
    status: 400,
    code: 'bad_query',
    message: 'syntax error at or near "selec"',
  });
  await expect(getJson(`${base}/proxy`)).rejects.toMatchObject({
    status: 502,
    code: 'http_error',
    message: '502 Bad Gateway: <h1>Bad gateway</h1>',
  });
});

it('says when nothing answers', async () => {
  await expect(getJson('http://127.0.0.1:1/')).rejects.toMatchObject({ status: 0, code: 'unreachable' });
});

it('passes an abort on as one', async () => {
  await expect(getJson(`${base}/`, AbortSignal.abort())).rejects.toMatchObject({ name: 'AbortError' });
});

it('leaves unset parameters out', () => {
  expect(withQuery('api/traces', { service: '', q: 'a b', errors: true, minMs: undefined, limit: 5 })).toBe(
    'api/traces?q=a+b&errors=1&limit=5',
  );
  expect(withQuery('api/logs', { service: '' })).toBe('api/logs');
});
