// Gateway and back end for real, on free ports.
import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';

import { Validator } from '@seriousme/openapi-schema-validator';
import { createLogger } from '@unhinged/observability-node';
import type { FastifyInstance } from 'fastify';
import WebSocket from 'ws';

import { createBackend } from '../backend/app.js';
import { createGateway } from './gateway.js';
import type { ErrorResponse, Message } from './gen/unhinged/chat/v1/chat.js';

const log = createLogger({ service: 'test', flags: '-' });
const origin = 'http://localhost:3000';

let backend: Server;
let gateway: FastifyInstance;
let url = '';

const listen = async (server: Server) => {
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return (server.address() as AddressInfo).port;
};
const startGateway = async (backendUrl: string) => {
  const app = await createGateway({ log, backendUrl, webOrigins: [origin] });
  return { app, url: await app.listen({ port: 0, host: '127.0.0.1' }) };
};

beforeAll(async () => {
  backend = createServer(createBackend({ log, searchMs: 1 }));
  const started = await startGateway(`http://127.0.0.1:${await listen(backend)}`);
  gateway = started.app;
  url = started.url;
});
afterAll(async () => {
  await gateway.close();
  backend.closeAllConnections();
  backend.close();
});

const post = (path: string, body: unknown) =>
  fetch(`${url}${path}`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: typeof body === 'string' ? body : JSON.stringify(body),
  });
const errorOf = async (answer: Response) => ((await answer.json()) as ErrorResponse).error;

/** Collects what a WebSocket receives; `next` resolves when something fits. */
function connect(room: string, headers: Record<string, string> = {}) {
  const socket = new WebSocket(`${url.replace('http', 'ws')}/ws?room=${room}`, { headers });
  const events: Record<string, unknown>[] = [];
  const waiting = new Set<() => void>();
  socket.on('message', (data: Buffer) => {
    events.push(JSON.parse(data.toString()) as Record<string, unknown>);
    for (const check of waiting) check();
  });
  const next = (fits: (event: Record<string, unknown>) => boolean) =>
    new Promise<Record<string, unknown>>((resolve) => {
      const check = () => {
        const found = events.find(fits);
        if (found === undefined) return;
        waiting.delete(check);
        resolve(found);
      };
      waiting.add(check);
      check();
    });
  return { socket, events, next };
}

describe('REST', () => {
  it('sends a message through to the back end and lists it', async () => {
    const sent = await post('/api/rooms/rest/messages', { author: 'Ada', text: 'Hello 👋' });
    expect(sent.status).toBe(200);
    const { message } = (await sent.json()) as { message: Message };
    expect(message).toMatchObject({ room: 'rest', author: 'Ada', text: 'Hello 👋' });
    expect(new Date(message.sentAt ?? '').toISOString()).toBe(message.sentAt);

    await post('/api/rooms/rest/messages', { author: 'Ada', text: 'Again' });
    const listed = await fetch(`${url}/api/rooms/rest/messages?limit=1`);
    expect(await listed.json()).toMatchObject({ messages: [{ text: 'Again' }] });
  });

  it('finds messages in any case and says how many it looked at', async () => {
    await post('/api/rooms/find/messages', { author: 'Ada', text: 'The Needle' });
    await post('/api/rooms/find/messages', { author: 'Ada', text: 'hay' });
    const answer = await fetch(`${url}/api/rooms/find/search?query=needle`);
    expect(await answer.json()).toMatchObject({ messages: [{ text: 'The Needle' }], scanned: 2 });
  });

  it('answers 502 when the back end fails, without its stack', async () => {
    const answer = await post('/api/rooms/rest/export', { format: 'EXPORT_FORMAT_JSON' });
    expect(answer.status).toBe(502);
    const body = await answer.text();
    expect(JSON.parse(body)).toMatchObject({ error: { code: 'backend_failed' } });
    expect(body).not.toContain('ArchiveError');
  });

  it('answers 502 backend_unreachable when there is no back end', async () => {
    const closed = createServer();
    const port = await listen(closed);
    closed.close();
    const alone = await startGateway(`http://127.0.0.1:${port}`);
    const answer = await fetch(`${alone.url}/api/rooms/a/messages`);
    expect(answer.status).toBe(502);
    expect(await errorOf(answer)).toMatchObject({ code: 'backend_unreachable' });
    await alone.app.close();
  });
});

describe('bad input is answered with 400 and the field', () => {
  it.each([
    ['no text', { author: 'a' }, 'text', 'got nothing'],
    ['blank text', { author: 'a', text: '  ' }, 'text', 'a text of 1 to 500 characters'],
    ['a text that is too long', { author: 'a', text: 'x'.repeat(501) }, 'text', 'got "501 characters"'],
    ['a number for the author', { author: 7, text: 'x' }, 'author', 'got 7'],
    ['a misspelt field', { autor: 'a', text: 'x' }, 'autor', 'there is no field "autor"'],
  ])('%s', async (_title, body, field, message) => {
    const answer = await post('/api/rooms/lobby/messages', body);
    expect(answer.status).toBe(400);
    const error = await errorOf(answer);
    expect(error).toMatchObject({ code: 'bad_request', field });
    expect(error?.message).toContain(message);
  });

  it.each([
    ['/api/rooms/NOT_A_ROOM/messages', 'room'],
    ['/api/rooms/lobby/messages?limit=201', 'limit'],
    ['/api/rooms/lobby/messages?limit=many', 'limit'],
    ['/api/rooms/lobby/search', 'query'],
  ])('GET %s', async (path, field) => {
    const answer = await fetch(`${url}${path}`);
    expect(answer.status).toBe(400);
    expect(await errorOf(answer)).toMatchObject({ field });
  });

  it('accepts 500 characters that are two UTF-16 units each', async () => {
    const answer = await post('/api/rooms/lobby/messages', { author: 'a', text: '😀'.repeat(500) });
    expect(answer.status).toBe(200);
  });

  it.each([
    ['malformed JSON', '{"author":', 400],
    ['an array', '[]', 400],
    ['a body over 16 KiB', JSON.stringify({ author: 'a', text: 'x'.repeat(20_000) }), 413],
  ])('%s', async (_title, body, status) => {
    const answer = await post('/api/rooms/lobby/messages', body);
    expect(answer.status).toBe(status);
    expect(await errorOf(answer)).toMatchObject({ code: 'bad_request' });
  });

  it('names an unknown export format, and an unknown path', async () => {
    const format = await post('/api/rooms/lobby/export', { format: 'PDF' });
    expect(format.status).toBe(400);
    expect(await errorOf(format)).toMatchObject({ field: 'format' });
    const path = await fetch(`${url}/api/nope`);
    expect(path.status).toBe(404);
    expect(await errorOf(path)).toMatchObject({ code: 'not_found' });
  });
});

describe('WebSocket', () => {
  it('brings a message to everybody in the room, and to nobody else', async () => {
    const [ada, grace, elsewhere] = [connect('live'), connect('live'), connect('other')];
    await ada.next((event) => event['connected'] === 2);
    await elsewhere.next((event) => event['connected'] === 1);
    await post('/api/rooms/live/messages', { author: 'Ada', text: 'hi all' });
    for (const { next } of [ada, grace]) {
      const { message } = await next((event) => 'message' in event);
      expect(message).toMatchObject({ author: 'Ada', text: 'hi all', room: 'live' });
    }
    grace.socket.close();
    await ada.next((event) => event['connected'] === 1);
    expect(elsewhere.events.filter((event) => 'message' in event)).toEqual([]);
    ada.socket.close();
    elsewhere.socket.close();
  });

  it.each([
    ['a page of another origin', 'lobby', { origin: 'https://evil.example' }, 403],
    ['a bad room', 'BAD', {}, 400],
  ])('refuses %s', async (_title, room, headers, status) => {
    const { socket } = connect(room, headers);
    const [, answer] = (await once(socket, 'unexpected-response')) as [unknown, { statusCode: number }];
    expect(answer.statusCode).toBe(status);
    // Giving up before the handshake is over is an error to ws, and meant here.
    socket.once('error', () => undefined);
    socket.terminate();
  });
});

describe('for people and machines', () => {
  it('serves a valid OpenAPI document and its page', async () => {
    const document = (await (await fetch(`${url}/docs/json`)).json()) as { paths: object };
    expect(Object.keys(document.paths)).toEqual([
      '/api/rooms/{room}/messages',
      '/api/rooms/{room}/search',
      '/api/rooms/{room}/export',
    ]);
    expect(await new Validator().validate(document)).toEqual({ valid: true });
    const page = await fetch(`${url}/docs`);
    expect(page.headers.get('content-type')).toContain('text/html');
  });

  it('serves metrics and health', async () => {
    const metrics = await fetch(`${url}/metrics`);
    expect(metrics.headers.get('content-type')).toContain('text/plain');
    expect(await metrics.text()).toBe('# telemetry is off\n');
    expect(await (await fetch(`${url}/healthz`)).json()).toMatchObject({ status: 'ok' });
  });

  it('lets the front end, and only it, send trace headers', async () => {
    const ask = (from: string) =>
      fetch(`${url}/api/rooms/lobby/messages`, {
        method: 'OPTIONS',
        headers: {
          origin: from,
          'access-control-request-method': 'POST',
          'access-control-request-headers': 'content-type,traceparent,tracestate,baggage',
        },
      });
    const { headers } = await ask(origin);
    expect(headers.get('access-control-allow-origin')).toBe(origin);
    for (const name of ['traceparent', 'tracestate', 'baggage']) {
      expect(headers.get('access-control-allow-headers')).toContain(name);
    }
    expect((await ask('https://evil.example')).headers.get('access-control-allow-origin')).toBeNull();
  });
});
