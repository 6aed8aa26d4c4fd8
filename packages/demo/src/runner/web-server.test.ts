import { once } from 'node:events';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { request, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { createWebServer } from './web-server.js';

const config = {
  gateway: 'http://localhost:18082',
  otlp: 'http://localhost:14318',
  console: 'http://localhost:14319',
};
const outer = mkdtempSync(join(tmpdir(), 'demo-web-'));
let server: Server;
let port = 0;
let url = '';

beforeAll(async () => {
  mkdirSync(join(outer, 'site/assets'), { recursive: true });
  writeFileSync(join(outer, 'secret.txt'), 'secret');
  writeFileSync(join(outer, 'site/index.html'), '<title>page</title>');
  writeFileSync(join(outer, 'site/assets/app-1234.js'), 'export {};');
  server = createWebServer(join(outer, 'site'), config).listen(0, '127.0.0.1');
  await once(server, 'listening');
  ({ port } = server.address() as AddressInfo);
  url = `http://127.0.0.1:${port}`;
});
afterAll(() => {
  server.closeAllConnections();
  server.close();
  rmSync(outer, { recursive: true, force: true });
});

/** Sends a path exactly as written; fetch would tidy it up. */
const raw = (path: string) =>
  new Promise<{ status: number | undefined; body: string }>((resolve, reject) => {
    request({ port, host: '127.0.0.1', path }, (response) => {
      let body = '';
      response.setEncoding('utf8').on('data', (text: string) => (body += text));
      response.on('end', () => {
        resolve({ status: response.statusCode, body });
      });
    })
      .on('error', reject)
      .end();
  });

it('serves the page for every route, and files as they are', async () => {
  for (const path of ['/', '/rooms/lobby']) {
    const answer = await fetch(`${url}${path}`);
    expect(answer.headers.get('content-type')).toBe('text/html; charset=utf-8');
    expect(await answer.text()).toBe('<title>page</title>');
  }
  const asset = await fetch(`${url}/assets/app-1234.js`);
  expect(asset.headers.get('content-type')).toBe('text/javascript; charset=utf-8');
  expect(asset.headers.get('cache-control')).toContain('immutable');
  expect((await fetch(`${url}/assets/gone.js`)).status).toBe(404);
});

it('tells the page its addresses, and lets it reach those only', async () => {
  const answer = await fetch(`${url}/config.json`);
  expect(await answer.json()).toEqual(config);
  expect(answer.headers.get('content-security-policy')).toContain(
    "connect-src 'self' http://localhost:18082 ws://localhost:18082 http://localhost:14318;",
  );
});

it.each([
  '/../secret.txt',
  '/%2e%2e/secret.txt',
  '/..%2fsecret.txt',
  '/assets/..%2f..%2fsecret.txt',
  '/%',
  '/%00',
])('gives nothing away at %s', async (path) => {
  const { status, body } = await raw(path);
  expect(body).not.toContain('secret');
  expect([200, 404]).toContain(status);
});

it('takes only GET and HEAD', async () => {
  expect((await fetch(url, { method: 'POST' })).status).toBe(405);
});
