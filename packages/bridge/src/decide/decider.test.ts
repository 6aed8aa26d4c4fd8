import { LogEvent, LogLevel, MetricEvent, TraceEvent } from '@unhinged/observability-proto';
import {
  ExportLogsServiceRequest,
  ExportMetricsServiceRequest,
  ExportTraceServiceRequest,
  Span_SpanKind,
  type Span,
  type AnyValue,
  type LogRecord,
} from '@unhinged/observability-proto/otlp';
import fc from 'fast-check';
import { Counters } from '../counters.js';
import { exportRequests } from '../testing/otlp-arbitraries.js';
import { WireError } from '@unhinged/events/otlp';
import { Decider } from './decider.js';

const NOW = Date.UTC(2026, 10, 23, 1, 59, 59, 500);
const START = 1_795_395_600_123_456_789n; // 2026-11-23T01:00:00.123456789Z
const TRACE = Buffer.from('5b8efff798038103d269b633813fc60c', 'hex');
const SPAN = Buffer.from('eee19b7ec3c1b174', 'hex');

let counters: Counters;
let decider: Decider;
beforeEach(() => {
  counters = new Counters();
  decider = new Decider(counters, { maxEventBytes: 10_000_000, now: () => NOW });
});

const text = (value: string): AnyValue => ({ value: { $case: 'stringValue', value } });
const pairs = (entries: Record<string, AnyValue>) =>
  Object.entries(entries).map(([key, value]) => ({ key, value }));
const resource = {
  attributes: pairs({
    'service.name': text('chat'),
    'service.version': text('1.2.3'),
    'deployment.environment.name': text('test'),
    'service.instance.id': text('i-1'),
    'host.cpus': { value: { $case: 'intValue', value: 8n } },
  }),
};
const scope = { name: 'my.library', version: '1.0.0' };
const eventResource = {
  serviceName: 'chat',
  serviceVersion: '1.2.3',
  deploymentEnvironment: 'test',
  attributes: { 'service.instance.id': 'i-1', 'host.cpus': '8' },
};

function spans(...list: Partial<Span>[]) {
  const spans = list.map((span) => ({ traceId: TRACE, spanId: SPAN, startTimeUnixNano: START, ...span }));
  const request = ExportTraceServiceRequest.fromPartial({
    resourceSpans: [{ resource, scopeSpans: [{ scope, spans }] }],
  });
  return decider.decide({ signal: 'traces', bytes: ExportTraceServiceRequest.encode(request).finish() });
}
function logs(...logRecords: Partial<LogRecord>[]) {
  const request = ExportLogsServiceRequest.fromPartial({
    resourceLogs: [{ resource, scopeLogs: [{ scope, logRecords }] }],
  });
  return decider.decide({ signal: 'logs', bytes: ExportLogsServiceRequest.encode(request).finish() });
}
function log(record: Partial<LogRecord>) {
  const [first] = logs(record).records;
  if (!first) throw new Error('no record');
  return { record: first, event: LogEvent.decode(first.value) };
}

describe('spans', () => {
  test('become trace events around the very bytes of the span', () => {
    const span = { name: 'GET /', kind: Span_SpanKind.SERVER, attributes: pairs({ a: text('b') }) };
    const { records } = spans(span);
    expect(records).toMatchObject([
      { topic: 'observability.traces', key: '5b8efff798038103d269b633813fc60c', eventType: 'span' },
    ]);
    const event = TraceEvent.decode(records[0]?.value ?? new Uint8Array());
    expect(event).toMatchObject({
      eventId: expect.stringMatching(/^[\da-f]{8}-[\da-f]{4}-7/) as string,
      timestamp: { seconds: 1_795_395_600n, nanos: 123_456_789 },
      eventType: 'span',
      sequenceNumber: 1n,
      traceContext: { traceId: '5b8efff798038103d269b633813fc60c', spanId: 'eee19b7ec3c1b174' },
      resource: eventResource,
      destinations: {
        console: false,
        cdcStream: true,
        dataLake: true,
        dataLakeOptions: { tableName: 'observability_traces' },
      },
      partitionInfo: {
        datePartition: '2026-11-23',
        hourPartition: '01',
        servicePartition: 'chat',
        levelPartition: '',
      },
      sampling: undefined,
      span: { name: 'GET /', kind: 2, startTimeUnixNano: START },
      scope,
    });
  });

  test.each([
    ['ot=th:e666', 10],
    ['vendor=1,ot=th:8;rv:00000000000001', 2],
    ['ot=th:0', 1],
    ['unhinged=c:0,vendor=1', 0],
    ['ot=rv:00000000000001', undefined],
    ['ot=th:ffffffffffffff', undefined],
    ['', undefined],
  ])('with trace state %s stand for %s', (traceState, count) => {
    const { records } = spans({ traceState });
    const { sampling } = TraceEvent.decode(records[0]?.value ?? new Uint8Array());
    if (count === undefined) expect(sampling).toBeUndefined();
    else expect(sampling?.adjustedCount).toBeCloseTo(count, 2);
  });

  test('carry the ids of request, session and user, and why they were kept, in the envelope, too', () => {
    const attributes = pairs({
      'http.route': text('/x'),
      'session.id': text('s-1'),
      'user.id': text('ü'),
      'unhinged.correlation.id': text('c-1'),
      'unhinged.request.id': text('r-1'),
      'unhinged.sampling.reason': text('error'),
      'messagi.id': text('as long as session.id'),
    });
    const { records } = spans(
      { attributes, traceState: 'ot=th:0' },
      { attributes, traceState: '' },
      {
        attributes: pairs({
          'user.id': { value: { $case: 'intValue', value: 7n } },
          'session.id': text('x'.repeat(257)),
        }),
      },
    );
    const events = records.map(({ value }) => TraceEvent.decode(value));
    const traceContext = { sessionId: 's-1', userId: 'ü', correlationId: 'c-1', requestId: 'r-1' };
    const sampling = { adjustedCount: 1, reason: 'error' };
    expect(events.slice(0, 2)).toMatchObject([
      { traceContext, sampling },
      { traceContext, sampling },
    ]);
    expect(events[2]).toMatchObject({ traceContext: { sessionId: '', userId: '' }, sampling: undefined });
  });

  test('with wrong ids are rejected alone, each reason told once', () => {
    const { records, items, rejected } = spans(
      { traceId: Buffer.alloc(16) },
      { name: 'good' },
      { traceId: Buffer.alloc(15, 1) },
      { spanId: Buffer.alloc(0) },
      { spanId: Buffer.alloc(8) },
    );
    expect([items, records.length]).toEqual([5, 1]);
    expect(rejected.reasons).toEqual([
      { reason: 'bad_trace_id', items: 2 },
      { reason: 'bad_span_id', items: 2 },
    ]);
    expect(rejected.outcome()).toEqual({
      rejected: 4,
      message:
        '2 rejected: trace_id is 00000000000000000000000000000000, a span needs 16 bytes that are not all zero; ' +
        '2 rejected: span_id is missing, a span needs 8 bytes that are not all zero',
    });
  });

  test.each([
    ['zero', 0n],
    ['years ahead', START * 2n],
    ['the highest there is', 2n ** 64n - 1n],
  ])(
    'that start at a time that cannot be (%s) are kept, under the time of receipt',
    (_, startTimeUnixNano) => {
      const event = TraceEvent.decode(spans({ startTimeUnixNano }).records[0]?.value ?? new Uint8Array());
      expect(event.span?.startTimeUnixNano).toBe(startTimeUnixNano);
      expect(event.timestamp).toEqual({ seconds: BigInt(Math.floor(NOW / 1000)), nanos: 500_000_000 });
      expect(event.partitionInfo).toMatchObject({ datePartition: '2026-11-23', hourPartition: '01' });
      expect(counters.get('repaired_items_total', { signal: 'traces', what: 'bad_time' })).toBe(1);
    },
  );
});

test('a metric becomes one event at the time of its newest point; one without a name is rejected', () => {
  const points = [START - 5n, START, START - 9n].map((timeUnixNano) => ({ timeUnixNano }));
  const gauge = { $case: 'gauge' as const, value: { dataPoints: points } };
  const request = ExportMetricsServiceRequest.fromPartial({
    resourceMetrics: [
      { resource, scopeMetrics: [{ scope, metrics: [{ name: 'load', data: gauge }, { data: gauge }] }] },
    ],
  });
  const bytes = ExportMetricsServiceRequest.encode(request).finish();
  const { records, rejected } = decider.decide({ signal: 'metrics', bytes });
  expect(records).toMatchObject([{ topic: 'observability.metrics', key: 'chat/i-1', eventType: 'metric' }]);
  expect(MetricEvent.decode(records[0]?.value ?? new Uint8Array())).toMatchObject({
    timestamp: { seconds: 1_795_395_600n, nanos: 123_456_789 },
    destinations: {
      cdcStream: true,
      dataLake: true,
      dataLakeOptions: { tableName: 'observability_metrics' },
    },
    metric: { name: 'load', data: gauge },
    scope,
  });
  expect(rejected.outcome()).toEqual({
    rejected: 3,
    message: '3 rejected: the data points of a metric without a name',
  });
});

describe('logs', () => {
  test('become log events with everything they say', () => {
    const { record, event } = log({
      timeUnixNano: START,
      observedTimeUnixNano: START + 1n,
      severityNumber: 18,
      severityText: 'ERROR',
      body: text('Query failed'),
      traceId: TRACE,
      spanId: SPAN,
      eventName: 'query.failed',
      attributes: pairs({
        'unhinged.destinations': text('CDL'),
        'unhinged.lake.rate': { value: { $case: 'doubleValue', value: 0.1 } },
        'exception.type': text('TypeError'),
        'exception.message': text('x is undefined'),
        'exception.stacktrace': text('at a.js:1'),
        'unhinged.correlation.id': text('c'),
        'unhinged.request.id': text('r'),
        'session.id': text('s'),
        'user.id': text('u'),
        retries: { value: { $case: 'intValue', value: 3n } },
        big: { value: { $case: 'intValue', value: 2n ** 60n } },
        nested: { value: { $case: 'kvlistValue', value: { values: pairs({ a: { value: undefined } }) } } },
      }),
    });
    expect(record).toMatchObject({
      topic: 'observability.logs',
      key: TRACE.toString('hex'),
      eventType: 'log_entry',
    });
    expect(event).toMatchObject({
      timestamp: { seconds: 1_795_395_600n, nanos: 123_456_789 },
      observedTimestamp: { seconds: 1_795_395_600n, nanos: 123_456_790 },
      traceContext: {
        traceId: TRACE.toString('hex'),
        spanId: SPAN.toString('hex'),
        correlationId: 'c',
        requestId: 'r',
        sessionId: 's',
        userId: 'u',
      },
      resource: eventResource,
      destinations: {
        console: true,
        cdcStream: true,
        dataLake: true,
        dataLakeOptions: { tableName: 'observability_logs' },
      },
      partitionInfo: { levelPartition: 'error', hourPartition: '01', servicePartition: 'chat' },
      sampling: { adjustedCount: 1, lakeRate: 0.1 },
      level: LogLevel.ERROR,
      severityNumber: 18,
      message: 'Query failed',
      metadata: { retries: 3, big: '1152921504606846976', nested: { a: null }, 'user.id': 'u' },
      error: { type: 'TypeError', message: 'x is undefined', stack: 'at a.js:1', causes: [] },
      scopeName: 'my.library',
      eventName: 'query.failed',
    });
    expect(Object.keys(event.metadata ?? {})).not.toContain('unhinged.destinations');
  });

  test.each([
    ['CDL', 'observability.logs', true],
    ['-D-', 'observability.logs', false],
    ['--L', 'observability.lake', true],
    ['1', 'observability.lake', true],
  ])('with destinations %s go to %s', (flags, topic, dataLake) => {
    const { record, event } = log({ attributes: pairs({ 'unhinged.destinations': text(flags) }) });
    expect([record.topic, event.destinations?.dataLake]).toEqual([topic, dataLake]);
  });

  test('without destinations, or with some that cannot be read, go to the stream and the lake', () => {
    for (const attributes of [[], pairs({ 'unhinged.destinations': text('XYZ') })]) {
      expect(log({ attributes }).event.destinations).toMatchObject({
        console: false,
        cdcStream: true,
        dataLake: true,
      });
    }
    expect(counters.get('repaired_items_total', { signal: 'logs', what: 'bad_flags' })).toBe(1);
  });

  test('for the console only are accepted, counted and not stored', () => {
    const { records, items, rejected } = logs({
      attributes: pairs({ 'unhinged.destinations': text('C--') }),
    });
    expect([records, items, rejected.outcome().rejected]).toEqual([[], 1, 0]);
    expect(counters.get('dropped_items_total', { signal: 'logs', reason: 'no_destination' })).toBe(1);
  });

  test.each<[string, Partial<LogRecord>, LogLevel]>([
    ['number', { severityNumber: 13, severityText: 'debug' }, LogLevel.WARN],
    ['text', { severityText: 'Information' }, LogLevel.INFO],
    ['synonym', { severityText: 'CRITICAL' }, LogLevel.FATAL],
    ['nothing', {}, LogLevel.UNSPECIFIED],
  ])('have the level of their %s', (_, record, level) => {
    expect(log(record).event.level).toBe(level);
  });

  test('without a time have the observed time, else that of receipt; a body that is no string is JSON', () => {
    const kvlist: AnyValue = {
      value: { $case: 'kvlistValue', value: { values: pairs({ type: text('a') }) } },
    };
    const observed = log({ observedTimeUnixNano: START, body: kvlist }).event;
    expect([observed.timestamp?.nanos, observed.message]).toEqual([123_456_789, '{"type":"a"}']);
    expect(log({}).event.timestamp).toEqual({ seconds: BigInt(Math.floor(NOW / 1000)), nanos: 500_000_000 });
  });

  test('with wrong ids lose only the ids', () => {
    const { record, event } = log({ traceId: Buffer.alloc(7, 1), spanId: SPAN });
    expect([record.key, event.traceContext?.traceId, event.traceContext?.spanId]).toEqual([
      'chat/i-1',
      '',
      '',
    ]);
    expect(counters.get('repaired_items_total', { signal: 'logs', what: 'bad_ids' })).toBe(1);
  });
});

test('a request whose events would repeat a large resource without bound is refused', () => {
  const large = { attributes: pairs({ large: text('x'.repeat(100_000)) }) };
  const request = (count: number) =>
    ExportTraceServiceRequest.encode(
      ExportTraceServiceRequest.fromPartial({
        resourceSpans: [
          { resource: large, scopeSpans: [{ spans: Array(count).fill({ traceId: TRACE, spanId: SPAN }) }] },
        ],
      }),
    ).finish();
  const decider = new Decider(counters, { maxEventBytes: 10_000_000 });
  // The resource of an event holds at most 16 KiB of one value.
  expect(decider.decide({ signal: 'traces', bytes: request(500) }).records).toHaveLength(500);
  expect(() => decider.decide({ signal: 'traces', bytes: request(1000) })).toThrow(
    expect.objectContaining({
      code: 'too_large',
      message: expect.stringContaining('smaller batches') as string,
    }) as Error,
  );
});

test('sequence numbers of all signals rise by one, under one emitter', () => {
  const events = [...spans({}, { traceId: Buffer.alloc(16) }, {}).records, ...logs({}).records].map(
    ({ eventType, value }) => (eventType === 'span' ? TraceEvent.decode(value) : LogEvent.decode(value)),
  );
  expect(events.map((event) => event.sequenceNumber)).toEqual([1n, 2n, 3n]);
  expect(new Set(events.map((event) => event.emitterId)).size).toBe(1);
  expect(new Set(events.map((event) => event.eventId)).size).toBe(3);
});

test('whatever conforming clients send, every item becomes one event with the same content', () => {
  fc.assert(
    fc.property(exportRequests, ({ signal, bytes, items }) => {
      const { records, rejected } = decider.decide({ signal, bytes });
      expect([records.length, rejected.outcome()]).toEqual([items, { rejected: 0, message: '' }]);
      if (signal !== 'traces') return;
      const sent = ExportTraceServiceRequest.decode(bytes).resourceSpans.flatMap((r) =>
        r.scopeSpans.flatMap((s) => s.spans),
      );
      expect(records.map(({ value }) => TraceEvent.decode(value).span)).toEqual(sent);
    }),
  );
});

test('bytes that are no request are refused whole', () => {
  expect(() => decider.decide({ signal: 'logs', bytes: Uint8Array.from([10, 5, 1]) })).toThrow(WireError);
});
