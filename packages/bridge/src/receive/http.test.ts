import { request as httpRequest } from 'node:http';
import { connect } from 'node:net';
import { deflateSync, gzipSync } from 'node:zlib';
import { ExportTraceServiceRequest } from '@unhinged/observability-proto/otlp';
import type { Outcome } from '@unhinged/events/otlp';
import type { Batch } from '../batch.js';
import { Counters } from '../counters.js';
import { Admission } from './admission.js';
import { DEFAULT_CORS_ORIGINS } from './cors.js';
import { startHttpReceiver, type Receiver } from './http.js';
import { Refusal } from '../refusal.js';

const MAX = 1_000_000;
const PROTOBUF = 'application/x-protobuf';
const JSON_TYPE = 'application/json';
const sample = ExportTraceServiceRequest.encode(
  ExportTraceServiceRequest.fromPartial({ resourceSpans: [{ scopeSpans: [{ spans: [{ name: 'a' }] }] }] }),
).finish();

let receiver: Receiver;
let batches: Batch[];
let answer: () => Promise<Outcome>;
const counters = new Counters();
const admission = new Admission(4 * MAX, counters);

beforeAll(async () => {
  receiver = await startHttpReceiver({
    host: '127.0.0.1',
    port: 0,
    corsOrigins: [...DEFAULT_CORS_ORIGINS, 'https://*.unhinged.ai'],
    maxRequestBytes: MAX,
    requestTimeoutMs: 500,
    accept: (batch) => {
      batches.push(batch);
      return answer();
    },
    admission,
    counters,
  });
});
afterAll(() => receiver.stop());
beforeEach(() => {
  batches = [];
  answer = () => Promise.resolve({ rejected: 0, message: '' });
});
afterEach(() => {
  expect(admission.inFlight).toBe(0);
});

const url = (path = '/v1/traces') => `http://127.0.0.1:${receiver.port}${path}`;
const post = (body: string | Uint8Array, type: string, headers: Record<string, string> = {}, path?: string) =>
  fetch(url(path), { method: 'POST', body: body as BodyInit, headers: { 'content-type': type, ...headers } });

test.each(['traces', 'metrics', 'logs'])(
  'an empty %s request is answered with an empty response',
  async (signal) => {
    const binary = await post('', PROTOBUF, {}, `/v1/${signal}`);
    expect([binary.status, binary.headers.get('content-type'), await binary.text()]).toEqual([
      200,
      PROTOBUF,
      '',
    ]);
    const json = await post('{}', `${JSON_TYPE}; charset=utf-8`, {}, `/v1/${signal}`);
    expect([json.status, json.headers.get('content-type'), await json.text()]).toEqual([
      200,
      JSON_TYPE,
      '{}',
    ]);
    expect(batches).toMatchObject([
      { signal, bytes: { length: 0 } },
      { signal, bytes: { length: 0 } },
    ]);
  },
);

test('plain, gzip and deflate bodies give the same bytes', async () => {
  await post(sample, PROTOBUF);
  await post(gzipSync(sample), PROTOBUF, { 'content-encoding': 'gzip' });
  await post(deflateSync(sample), PROTOBUF, { 'content-encoding': 'deflate' });
  expect(batches.map(({ bytes }) => Buffer.from(bytes).equals(sample))).toEqual([true, true, true]);
});

test('partial success is answered in the encoding of the request', async () => {
  answer = () => Promise.resolve({ rejected: 2, message: 'no id' });
  expect(await (await post('{}', JSON_TYPE)).json()).toEqual({
    partialSuccess: { rejectedSpans: '2', errorMessage: 'no id' },
  });
  const binary = await (await post('', PROTOBUF)).arrayBuffer();
  expect(Buffer.from(binary).toString('latin1')).toBe('\x0a\x09\x08\x02\x12\x05no id');
});

test.each<[string, () => Promise<Response>, number, string]>([
  [
    'unknown path',
    () => fetch(url('/v2/traces'), { method: 'POST' }),
    404,
    'Nothing is at /v2/traces. OTLP goes to',
  ],
  ['wrong method', () => fetch(url()), 405, '/v1/traces takes POST, not GET.'],
  ['no content type', () => fetch(url(), { method: 'POST' }), 415, 'Content-Type is missing; send'],
  [
    'wrong content type',
    () => post('a', 'text/plain'),
    415,
    'Content-Type is text/plain; send application/x-protobuf',
  ],
  [
    'unknown encoding',
    () => post('a', JSON_TYPE, { 'content-encoding': 'br' }),
    415,
    'Content-Encoding br is not supported',
  ],
  ['bad gzip', () => post('a', JSON_TYPE, { 'content-encoding': 'gzip' }), 400, 'The body is not gzip'],
  [
    'half a gzip',
    () => post(gzipSync(sample).subarray(0, 25), JSON_TYPE, { 'content-encoding': 'gzip' }),
    400,
    'not gzip',
  ],
  [
    'bad JSON',
    () => post('{"resourceSpans":7}', JSON_TYPE),
    400,
    'Bad OTLP JSON: resourceSpans: expected an array, got 7',
  ],
  ['JSON cut off', () => post('{"resourceSpans":', JSON_TYPE), 400, 'Bad OTLP JSON: the body is not JSON'],
  ['deep JSON', () => post('['.repeat(100_000), JSON_TYPE), 400, 'nests more than 160 levels deep'],
  [
    'gzip bomb',
    () => post(gzipSync(Buffer.alloc(50 * MAX)), JSON_TYPE, { 'content-encoding': 'gzip' }),
    413,
    'more than 1000000 bytes when decompressed',
  ],
  [
    '20 MB',
    () => post(Buffer.alloc(20 * MAX), JSON_TYPE),
    413,
    'The body has 20000000 bytes; the limit is 1000000',
  ],
])('%s is refused with the reason', async (_, send, status, message) => {
  const response = await send();
  expect(response.status).toBe(status);
  expect(await response.json()).toMatchObject({ message: expect.stringContaining(message) as string });
  expect(batches).toEqual([]);
  expect(response.headers.get('allow')).toBe(status === 405 ? 'POST, OPTIONS' : null);
});

test('a protobuf client is told why in protobuf: google.rpc.Status', async () => {
  const response = await post(Buffer.alloc(2 * MAX), PROTOBUF);
  expect([response.status, response.headers.get('content-type')]).toEqual([413, PROTOBUF]);
  const body = Buffer.from(await response.arrayBuffer());
  expect(body.subarray(0, 2)).toEqual(Buffer.from([0x08, 8]));
  expect(body.toString()).toContain('The body has 2000000 bytes; the limit is 1000000');
});

test('a body of unknown length is refused once it is too long, and the client sees why', async () => {
  const status = await new Promise((resolve, reject) => {
    const request = httpRequest(url(), { method: 'POST', headers: { 'content-type': JSON_TYPE } });
    request.on('response', (response) => {
      resolve(response.statusCode);
      request.destroy();
    });
    request.on('error', reject);
    const chunk = Buffer.alloc(100_000, ' ');
    const write = () => {
      if (!request.destroyed) request.write(chunk, write);
    };
    write();
  });
  expect(status).toBe(413);
});

test('a client that reads only after it has sent all 20 MB finds the answer, on a connection that still works', async () => {
  const text = await new Promise<string>((resolve, reject) => {
    let received = '';
    const socket = connect(receiver.port, '127.0.0.1', () => {
      const head = (length: number) =>
        `POST /v1/traces HTTP/1.1\r\nhost: x\r\ncontent-type: ${JSON_TYPE}\r\ncontent-length: ${length}\r\n\r\n`;
      socket.pause();
      socket.write(head(20 * MAX));
      socket.write(Buffer.alloc(20 * MAX), () => {
        socket.resume();
        socket.write(`${head(2)}{}`);
      });
    });
    socket.on('data', (data) => {
      received += data.toString();
      if (received.endsWith('\r\n\r\n{}')) {
        socket.destroy();
        resolve(received);
      }
    });
    socket.on('error', reject);
  });
  expect(text).toMatch(/^HTTP\/1.1 413 [^]*the limit is 1000000[^]*HTTP\/1.1 200 OK/);
});

test('a client that asks before sending too much is not told to go on', async () => {
  const answered = await new Promise((resolve, reject) => {
    const headers = { 'content-type': JSON_TYPE, 'content-length': 20 * MAX, expect: '100-continue' };
    const request = httpRequest(url(), { method: 'POST', headers });
    request.on('continue', () => {
      reject(new Error('was told to continue'));
    });
    request.on('response', (response) => {
      resolve(response.statusCode);
      request.destroy();
    });
    request.flushHeaders();
  });
  expect(answered).toBe(413);
});

test('a slow client is cut off', async () => {
  const text = await new Promise<string>((resolve) => {
    let received = '';
    const socket = connect(receiver.port, '127.0.0.1', () => {
      socket.write(
        'POST /v1/traces HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\ncontent-length: 9\r\n\r\n{',
      );
    });
    socket.on('data', (data) => (received += data.toString()));
    socket.on('close', () => {
      resolve(received);
    });
  });
  expect(text).toMatch(/^HTTP\/1.1 408 Request Timeout/);
});

test('overload is answered with Retry-After, and what waits is bounded', async () => {
  let release: () => void = () => undefined;
  const gate = new Promise<void>((resolve) => (release = resolve));
  answer = () => gate.then(() => ({ rejected: 0, message: '' }));
  const body = JSON.stringify({ pad: 'x'.repeat(MAX - 100) });
  const refused: Response[] = [];
  const results = Array.from({ length: 6 }, async () => {
    const response = await post(body, JSON_TYPE);
    if (response.status !== 200) refused.push(response);
    // Four fit; what they hold is given back only when the two others have been turned away.
    if (refused.length === 2) release();
  });
  await Promise.all(results);
  expect(batches).toHaveLength(4);
  for (const response of refused) {
    expect([response.status, response.headers.get('retry-after')]).toEqual([429, '1']);
    expect(await response.json()).toMatchObject({
      code: 8,
      message: expect.stringContaining('exceed its limit of 4000000') as string,
      details: [{ '@type': 'type.googleapis.com/google.rpc.RetryInfo', retryDelay: '1s' }],
    });
  }
});

test('a full journal is 503 with Retry-After; a failure of ours is 500', async () => {
  answer = () => Promise.reject(new Refusal('journal_full', 'The journal is full.'));
  const full = await post('{}', JSON_TYPE);
  expect([full.status, full.headers.get('retry-after')]).toEqual([503, '5']);
  answer = () => Promise.reject(new Error('bug'));
  expect((await post('{}', JSON_TYPE)).status).toBe(500);
});

test.each([
  ['http://localhost:3000', true],
  ['http://127.0.0.1:5173', true],
  ['https://app.unhinged.ai', true],
  ['https://unhinged.ai.evil.com', false],
  ['http://localhost.evil.com', false],
  ['https://evil.com/.unhinged.ai', false],
  ['null', false],
])('a page of %s may send: %s', async (origin, allowed) => {
  const preflight = await fetch(url(), {
    method: 'OPTIONS',
    headers: {
      origin,
      'access-control-request-method': 'POST',
      'access-control-request-headers': 'content-type,x-team',
    },
  });
  expect(preflight.status).toBe(204);
  expect(preflight.headers.get('access-control-allow-origin')).toBe(allowed ? origin : null);
  expect(preflight.headers.get('access-control-allow-headers')).toBe(allowed ? 'content-type,x-team' : null);
  expect(preflight.headers.get('access-control-max-age')).toBe(allowed ? '7200' : null);
  const actual = await post('{}', JSON_TYPE, { origin });
  expect(actual.headers.get('access-control-allow-origin')).toBe(allowed ? origin : null);
});

test('healthz answers, and requests are counted by status', async () => {
  const before = counters.get('requests_total', { protocol: 'http', signal: 'logs', status: 200 });
  expect(await (await fetch(url('/healthz'))).json()).toEqual({ status: 'ok' });
  await post('{}', JSON_TYPE, {}, '/v1/logs');
  expect(counters.get('requests_total', { protocol: 'http', signal: 'logs', status: 200 })).toBe(before + 1);
});

test('a taken port is an error that names the port and who wanted it', async () => {
  const options = {
    host: '127.0.0.1',
    corsOrigins: [],
    maxRequestBytes: 1,
    requestTimeoutMs: 1000,
    admission,
    counters,
  };
  await expect(startHttpReceiver({ ...options, port: receiver.port, accept: answer })).rejects.toMatchObject({
    code: 'port_taken',
    message: expect.stringContaining(`Port ${receiver.port} on 127.0.0.1, wanted for OTLP/HTTP`) as string,
  });
});
