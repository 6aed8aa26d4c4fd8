import { AlertEvent, Envelope, LogEvent } from '@unhinged/observability-proto';
import fc from 'fast-check';
import {
  alertFingerprint,
  buildAlertEvent,
  buildLogEvent,
  fromTimestamp,
  toTimestamp,
} from './build-event.js';
import { Sequence } from './ids.js';
import { toEventResource } from './resource.js';

const resource = toEventResource({
  'service.name': 'chat-service',
  'service.version': '2.1.0',
  'deployment.environment.name': 'production',
  'host.name': 'h1',
  'process.pid': 42,
  tags: ['a', 1],
});
const at = BigInt(Date.UTC(2026, 10, 23, 23, 59, 59)) * 1_000_000n + 123_456_789n;

test('a log event has every field of the document, and survives the wire', () => {
  const sequence = new Sequence();
  const event = buildLogEvent(
    {
      resource,
      timeUnixNano: at,
      level: 'warn',
      message: 'slow query',
      metadata: { ms: 900, id: 2n ** 60n, gone: undefined },
      traceContext: { traceId: 'a'.repeat(32), spanId: 'b'.repeat(16), requestId: 'r1', userId: 'u1' },
      error: new TypeError('bad', { cause: new Error('inner', { cause: 'innermost' }) }),
      destinations: 3,
      lakeRate: 0.1,
    },
    { sequence, now: () => 1_800_000_000_000 },
  );
  expect(event).toMatchObject({
    eventId: expect.stringMatching(/^[0-9a-f]{8}-[0-9a-f]{4}-7/) as string,
    timestamp: { seconds: 1795478399n, nanos: 123_456_789 },
    eventType: 'log_entry',
    sequenceNumber: 1n,
    emitterId: sequence.emitterId,
    traceContext: {
      traceId: 'a'.repeat(32),
      correlationId: undefined,
      requestId: 'r1',
      sessionId: '',
      userId: 'u1',
    },
    resource: {
      serviceName: 'chat-service',
      serviceVersion: '2.1.0',
      deploymentEnvironment: 'production',
      attributes: { 'host.name': 'h1', 'process.pid': '42', tags: '["a",1]' },
    },
    level: 4,
    severityNumber: 13,
    message: 'slow query',
    metadata: { ms: 900, id: '1152921504606846976' },
    error: {
      type: 'TypeError',
      message: 'bad',
      causes: [{ message: 'inner' }, { type: 'string', message: 'innermost' }],
    },
    destinations: {
      console: false,
      cdcStream: true,
      dataLake: true,
      dataLakeOptions: {
        tableName: 'observability_logs',
        batchSize: 1000,
        flushIntervalSeconds: 60,
        compression: 1,
      },
    },
    partitionInfo: {
      datePartition: '2026-11-23',
      hourPartition: '23',
      servicePartition: 'chat-service',
      levelPartition: 'warn',
      customPartitions: { user_id: 'u1', session_id: 'no_session' },
    },
    sampling: { adjustedCount: 1, lakeRate: 0.1 },
    observedTimestamp: { seconds: 1_800_000_000n, nanos: 0 },
  });
  const bytes = LogEvent.encode(event).finish();
  expect(LogEvent.decode(bytes)).toEqual(event);
  expect(Envelope.decode(bytes).sequenceNumber).toBe(1n);
});

test('any metadata and any thrown value become an event that can be encoded and written as JSON', () => {
  const sequence = new Sequence();
  fc.assert(
    fc.property(
      fc.object({ withBigInt: true, withDate: true, withMap: true, withSet: true }),
      fc.anything(),
      (metadata, error) => {
        const event = buildLogEvent({ resource, level: 'info', message: 'm', metadata, error }, { sequence });
        const back = LogEvent.decode(LogEvent.encode(event).finish());
        // -0 does not survive JSON; toEqual would tell it from 0.
        expect(JSON.stringify(back.metadata)).toBe(JSON.stringify(event.metadata));
      },
    ),
  );
});

test('an error of hostile making is described, not rethrown', () => {
  const hostile = new Error('x');
  Object.defineProperty(hostile, 'message', {
    get: () => {
      throw new Error('no');
    },
  });
  Object.defineProperty(hostile, 'cause', { value: hostile });
  const event = buildLogEvent(
    { resource, level: 'error', message: 'm', error: hostile },
    { sequence: new Sequence() },
  );
  expect(event.error).toMatchObject({ type: 'Error', message: '[Throws]', causes: [] });
});

test('an alert event survives the wire and keeps its fingerprint from pending to resolved', () => {
  const sequence = new Sequence();
  const base = {
    resource,
    alertName: 'error_spike',
    severity: 'page',
    labels: { service: 'chat', operation: 'send' },
    value: 0.5,
    threshold: 0.05,
    startsUnixNano: at,
  } as const;
  const pending = buildAlertEvent({ ...base, state: 'pending' }, { sequence });
  const resolved = buildAlertEvent(
    { ...base, labels: { operation: 'send', service: 'chat' }, state: 'resolved', endsUnixNano: at + 5n },
    { sequence },
  );
  expect(pending.fingerprint).toBe(resolved.fingerprint);
  expect(alertFingerprint('error_spike', { service: 'other' })).not.toBe(pending.fingerprint);
  expect([pending.state, resolved.state, resolved.severity]).toEqual([1, 3, 1]);
  expect([pending.sequenceNumber, resolved.sequenceNumber]).toEqual([1n, 2n]);
  expect(AlertEvent.decode(AlertEvent.encode(resolved).finish())).toEqual(resolved);
});

test('timestamps keep their nanoseconds', () => {
  fc.assert(
    fc.property(
      fc.bigInt({ min: 0n, max: 2n ** 64n - 1n }),
      (nano) => fromTimestamp(toTimestamp(nano)) === nano,
    ),
  );
});
