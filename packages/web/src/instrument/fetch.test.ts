import { trace } from '@opentelemetry/api';
import { createServer, type IncomingMessage, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { startPage, told, type TestPage } from '../testing/page.js';
import { eventually } from '../testing/receiver.js';
import { traceFetch } from './fetch.js';

let server: Server;
let url: string;
let seen: IncomingMessage[];
let bodies: string[];
let under: TestPage | undefined;
const native = globalThis.fetch;

beforeAll(async () => {
  server = createServer((request, response) => {
    seen.push(request);
    let body = '';
    request.on('data', (chunk: Buffer) => (body += chunk.toString()));
    request.on('end', () => bodies.push(body));
    const path = request.url ?? '';
    if (path.startsWith('/status/')) response.statusCode = Number(path.slice(8));
    if (path === '/kept')
      response.setHeader(
        'traceresponse',
        (request.headers['traceparent'] as string).replace(/-\w\w$/, '-01'),
      );
    if (path === '/foreign') response.setHeader('traceresponse', `00-${'1'.repeat(32)}-${'2'.repeat(16)}-01`);
    if (path === '/hang') return;
    if (path === '/stream') {
      response.write('one\n');
      return;
    }
    if (path === '/broken') {
      response.destroy();
      return;
    }
    response.end('{"ok":true}');
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port.toString()}`;
});
afterAll(() => {
  server.closeAllConnections();
  server.close();
});
beforeEach(() => {
  seen = [];
  bodies = [];
});
afterEach(() => {
  under?.stop();
  under = undefined;
  expect(globalThis.fetch).toBe(native);
});

const start = (options: Parameters<typeof startPage>[1] = {}) => (under = startPage(traceFetch(), options));
const everywhere = { propagatesTo: () => true };
const spans = async (count = 1) => {
  await eventually(() => under?.spans.length === count, `${count.toString()} spans`);
  return under?.spans ?? [];
};
const parentOf = (call: IncomingMessage | undefined) => call?.headers['traceparent'] as string | undefined;

test('a request is a client span as the HTTP conventions say, its query left to the privacy rules', async () => {
  start();
  await fetch(`${url}/a/b?token=secret#part`);
  const [span] = await spans();
  expect(told(span)).toEqual({
    name: 'GET',
    kind: 'CLIENT',
    status: 'UNSET',
    attributes: expect.objectContaining({
      'http.request.method': 'GET',
      'http.response.status_code': 200,
      'url.full': `${url}/a/b`,
      'server.address': '127.0.0.1',
      'server.port': Number(new URL(url).port),
    }) as unknown,
  });
});

test('no header leaves for an address that is not allowed', async () => {
  start();
  await fetch(`${url}/x`, { headers: { accept: 'text/plain' } });
  expect(parentOf(seen[0])).toBeUndefined();
});

test.each<[string, HeadersInit]>([
  ['a record', { 'x-mine': 'yes' }],
  ['Headers', new Headers({ 'x-mine': 'yes' })],
  ['pairs', [['x-mine', 'yes']]],
])('an allowed request keeps the headers given as %s and carries the span', async (_name, headers) => {
  start(everywhere);
  const before = JSON.stringify([...new Headers(headers)]);
  await fetch(`${url}/x`, { headers });
  const [span] = await spans();
  const { traceId, spanId } = span?.spanContext() ?? { traceId: '', spanId: '' };
  expect(parentOf(seen[0])).toBe(`00-${traceId}-${spanId}-01`);
  expect(seen[0]?.headers['x-mine']).toBe('yes');
  expect(JSON.stringify([...new Headers(headers)])).toBe(before);
});

test('a rule or a propagator of the page that fails costs the headers, not the request or its span', async () => {
  start({
    propagatesTo() {
      throw new Error('not today');
    },
  });
  await expect(fetch(`${url}/x`)).resolves.toHaveProperty('status', 200);
  expect(told((await spans())[0])?.status).toBe('UNSET');
  expect(parentOf(seen[0])).toBeUndefined();
});

test('a Request keeps method, headers and body, and is not changed', async () => {
  start(everywhere);
  const request = new Request(`${url}/x`, { method: 'POST', body: 'hello', headers: { 'x-mine': 'yes' } });
  await fetch(request);
  await eventually(() => bodies.length === 1, 'the body');
  expect([seen[0]?.method, bodies[0], seen[0]?.headers['x-mine']]).toEqual(['POST', 'hello', 'yes']);
  expect(parentOf(seen[0])).toMatch(/^00-/);
  expect(request.headers.has('traceparent')).toBe(false);
  // Used up as it would be without us: whoever sends it again is told so.
  await expect(fetch(request)).rejects.toHaveProperty('name', 'TypeError');
});

test('a Request as the second argument keeps what its getters say', async () => {
  start(everywhere);
  await fetch(`${url}/x`, new Request(url, { method: 'PUT', headers: { 'x-mine': 'yes' } }));
  expect([seen[0]?.method, seen[0]?.headers['x-mine']]).toEqual(['PUT', 'yes']);
  expect(parentOf(seen[0])).toMatch(/^00-/);
});

test('a traceparent of the page itself stays', async () => {
  start(everywhere);
  const own = `00-${'a'.repeat(32)}-${'b'.repeat(16)}-00`;
  await fetch(`${url}/x`, { headers: { traceparent: own } });
  expect(parentOf(seen[0])).toBe(own);
});

test('the answer is the one the browser gave, unread: not cloned, and a stream that goes on holds nothing up', async () => {
  start();
  const response = await fetch(`${url}/stream`);
  expect(response.bodyUsed).toBe(false);
  // The span ends though the body has not.
  await spans();
  const reader = response.body?.getReader();
  const { value } = (await reader?.read()) ?? {};
  expect(new TextDecoder().decode(value)).toBe('one\n');
  await reader?.cancel();
});

test('an error status is an error; so is no answer, with its type', async () => {
  start();
  await fetch(`${url}/status/404`);
  await fetch(`${url}/status/503`);
  await expect(fetch(`${url}/broken`)).rejects.toHaveProperty('name', 'TypeError');
  const all = await spans(3);
  const facts = all.map((span) => [told(span)?.status, span.attributes['error.type']]);
  expect(facts).toEqual(
    expect.arrayContaining([
      ['ERROR', '404'],
      ['ERROR', '503'],
      ['ERROR', 'TypeError'],
    ]),
  );
});

test('a request the page gave up is marked but no error, with whatever reason; a timeout is an error', async () => {
  start();
  const abort = async (reason?: unknown) => {
    const controller = new AbortController();
    const answer = fetch(`${url}/hang`, { signal: controller.signal });
    setTimeout(() => {
      controller.abort(reason);
    }, 20);
    return answer.catch((error: unknown) => error);
  };
  expect(await abort()).toHaveProperty('name', 'AbortError');
  expect(await abort('left')).toBe('left');
  await fetch(`${url}/hang`, { signal: AbortSignal.timeout(20) }).catch(() => undefined);
  const facts = (await spans(3)).map((span) => [told(span)?.status, span.attributes['error.type']]);
  expect(facts).toEqual([
    ['UNSET', 'AbortError'],
    ['UNSET', 'AbortError'],
    ['ERROR', 'TimeoutError'],
  ]);
});

test('the back end says with traceresponse that it keeps the trace; another trace is not heeded, and one that is kept anyway not asked for', async () => {
  start(everywhere);
  await fetch(`${url}/kept`);
  await spans();
  expect(under?.kept).toEqual([]);
  under?.stop();
  start({ ...everywhere, sampled: false });
  await fetch(`${url}/kept`);
  await fetch(`${url}/foreign`);
  const [span] = await spans(2);
  expect(under?.kept).toEqual([span?.spanContext().traceId]);
});

test('a flush does not wait for the timing', async () => {
  start();
  await fetch(`${url}/stream`).then((response) => response.body?.cancel());
  under?.flush();
  expect(under?.spans).toHaveLength(1);
});

test('a request in a span is its child; one to an ignored or unreadable address is not touched', async () => {
  start({ ...everywhere, ignores: (to) => to.includes('/private') });
  const parent = under?.page.tracer.startSpan('parent');
  under?.page.enter(parent ?? trace.wrapSpanContext({ traceId: '', spanId: '', traceFlags: 0 }));
  await fetch(`${url}/private`);
  await fetch('data:text/plain,hello');
  await expect(fetch('http://')).rejects.toHaveProperty('name', 'TypeError');
  await fetch(`${url}/x`);
  const [span] = await spans();
  expect(span?.parentSpanContext?.spanId).toBe(parent?.spanContext().spanId);
  expect(parentOf(seen[0])).toBeUndefined();
});

test('after the stop a wrapper that kept ours still fetches, without a span', async () => {
  start(everywhere);
  const kept = globalThis.fetch;
  under?.stop();
  await kept(`${url}/x`);
  expect(parentOf(seen[0])).toBeUndefined();
  expect(under?.spans).toEqual([]);
});
