import {
  compressionAlgorithms,
  Client,
  credentials,
  Metadata,
  status,
  type ServiceError,
} from '@grpc/grpc-js';
import { randomBytes } from 'node:crypto';
import type { Outcome } from '@unhinged/events/otlp';
import type { Batch } from '../batch.js';
import { Counters } from '../counters.js';
import { Admission } from './admission.js';
import { startGrpcReceiver } from './grpc.js';
import type { Receiver } from './http.js';
import { Refusal } from '../refusal.js';

const MAX = 1_000_000;
const TRACES = '/opentelemetry.proto.collector.trace.v1.TraceService/Export';
const LOGS = '/opentelemetry.proto.collector.logs.v1.LogsService/Export';
const METRICS = '/opentelemetry.proto.collector.metrics.v1.MetricsService/Export';

let receiver: Receiver;
let clients: Client[];
let batches: Batch[];
let answer: () => Promise<Outcome>;
const counters = new Counters();
const admission = new Admission(4 * MAX, counters);

beforeAll(async () => {
  receiver = await startGrpcReceiver({
    host: '127.0.0.1',
    port: 0,
    maxRequestBytes: MAX,
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
  clients = [];
  batches = [];
  answer = () => Promise.resolve({ rejected: 0, message: '' });
});
afterEach(() => {
  for (const client of clients) client.close();
  expect(admission.inFlight).toBe(0);
});

function call(path: string, body: Uint8Array, options: object = {}): Promise<Buffer> {
  const client = new Client(`127.0.0.1:${receiver.port}`, credentials.createInsecure(), options);
  clients.push(client);
  const same = (bytes: Buffer) => bytes;
  return new Promise((resolve, reject) => {
    client.makeUnaryRequest(path, same, same, Buffer.from(body), new Metadata(), (error, response) => {
      if (error) reject(error);
      else resolve(response ?? Buffer.alloc(0));
    });
  });
}
const refusal = (result: Promise<unknown>) =>
  result.then(
    () => Promise.reject(new Error('was taken')),
    (error: unknown) => error as ServiceError,
  );
const gzip = { 'grpc.default_compression_algorithm': compressionAlgorithms.gzip };

test('the three services hand on the bytes as they came, plain and gzip', async () => {
  const body = Buffer.from('\x0a\x00', 'latin1');
  for (const path of [TRACES, METRICS, LOGS]) expect(await call(path, body, gzip)).toEqual(Buffer.alloc(0));
  await call(TRACES, Buffer.alloc(0));
  expect(batches.map(({ signal, bytes }) => [signal, Buffer.from(bytes).toString('hex')])).toEqual([
    ['traces', '0a00'],
    ['metrics', '0a00'],
    ['logs', '0a00'],
    ['traces', ''],
  ]);
  expect(counters.get('requests_total', { protocol: 'grpc', signal: 'logs', status: 0 })).toBe(1);
});

test('partial success is in the response', async () => {
  answer = () => Promise.resolve({ rejected: 2, message: 'no id' });
  expect((await call(TRACES, Buffer.alloc(0))).toString('latin1')).toBe('\x0a\x09\x08\x02\x12\x05no id');
});

test.each([
  ['too large', randomBytes(MAX + 1), {}],
  ['too large once decompressed', Buffer.alloc(20 * MAX), gzip],
])('a message that is %s is RESOURCE_EXHAUSTED, for good', async (_, body, options) => {
  const error = await refusal(call(TRACES, body, { ...options, 'grpc.max_send_message_length': -1 }));
  expect(error.code).toBe(status.RESOURCE_EXHAUSTED);
  expect(error.metadata.get('grpc-status-details-bin')).toEqual([]);
  expect(batches).toEqual([]);
});

test('overload is RESOURCE_EXHAUSTED with a RetryInfo', async () => {
  let release: () => void = () => undefined;
  const gate = new Promise<void>((resolve) => (release = resolve));
  answer = () => gate.then(() => ({ rejected: 0, message: '' }));
  const refused: ServiceError[] = [];
  const body = Buffer.alloc(MAX);
  await Promise.all(
    Array.from({ length: 6 }, () =>
      call(TRACES, body).catch((error: unknown) => {
        refused.push(error as ServiceError);
        if (refused.length === 2) release();
      }),
    ),
  );
  expect(batches).toHaveLength(4);
  for (const { code, details, metadata } of refused) {
    expect([code, details]).toEqual([
      status.RESOURCE_EXHAUSTED,
      expect.stringContaining('exceed its limit of 4000000'),
    ]);
    const [status_] = metadata.get('grpc-status-details-bin');
    // Any { "type.googleapis.com/google.rpc.RetryInfo", RetryInfo { Duration { 1 } } }
    expect(Buffer.from(status_ ?? '').toString('latin1')).toContain(
      'google.rpc.RetryInfo\x12\x04\x0a\x02\x08\x01',
    );
  }
});

test('a full journal is UNAVAILABLE with a RetryInfo, bad bytes INVALID_ARGUMENT without, a failure of ours INTERNAL', async () => {
  answer = () => Promise.reject(new Refusal('journal_full', 'full'));
  const full = await refusal(call(TRACES, Buffer.alloc(0)));
  expect(full.code).toBe(status.UNAVAILABLE);
  expect(String(full.metadata.get('grpc-status-details-bin')[0])).toContain('google.rpc.RetryInfo');
  answer = () => Promise.reject(new Refusal('bad_request', 'Bad OTLP protobuf: x'));
  const bad = await refusal(call(TRACES, Buffer.alloc(0)));
  expect([bad.code, bad.details]).toEqual([status.INVALID_ARGUMENT, 'Bad OTLP protobuf: x']);
  expect(String(bad.metadata.get('grpc-status-details-bin')[0])).not.toContain('RetryInfo');
  answer = () => Promise.reject(new Error('bug'));
  expect((await refusal(call(TRACES, Buffer.alloc(0)))).code).toBe(status.INTERNAL);
});

test('health is SERVING; unknown methods are UNIMPLEMENTED', async () => {
  expect(await call('/grpc.health.v1.Health/Check', Buffer.alloc(0))).toEqual(Buffer.from([8, 1]));
  expect((await refusal(call('/x.Y/Z', Buffer.alloc(0)))).code).toBe(status.UNIMPLEMENTED);
});

test('a taken port is an error that names the port and who wanted it', async () => {
  const options = {
    host: '127.0.0.1',
    port: receiver.port,
    maxRequestBytes: 1,
    accept: answer,
    admission,
    counters,
  };
  await expect(startGrpcReceiver(options)).rejects.toMatchObject({
    code: 'port_taken',
    message: expect.stringContaining(`Port ${receiver.port} on 127.0.0.1, wanted for OTLP/gRPC`) as string,
  });
});
