import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { SpanStatusCode, type HrTime } from '@opentelemetry/api';
import { SeverityNumber } from '@opentelemetry/api-logs';
import { OTLPLogExporter as GrpcLogs } from '@opentelemetry/exporter-logs-otlp-grpc';
import { OTLPLogExporter as JsonLogs } from '@opentelemetry/exporter-logs-otlp-http';
import { OTLPLogExporter as ProtoLogs } from '@opentelemetry/exporter-logs-otlp-proto';
import { OTLPMetricExporter as GrpcMetrics } from '@opentelemetry/exporter-metrics-otlp-grpc';
import { OTLPMetricExporter as JsonMetrics } from '@opentelemetry/exporter-metrics-otlp-http';
import { OTLPMetricExporter as ProtoMetrics } from '@opentelemetry/exporter-metrics-otlp-proto';
import { OTLPTraceExporter as GrpcTraces } from '@opentelemetry/exporter-trace-otlp-grpc';
import { OTLPTraceExporter as JsonTraces } from '@opentelemetry/exporter-trace-otlp-http';
import { OTLPTraceExporter as ProtoTraces } from '@opentelemetry/exporter-trace-otlp-proto';
import { BatchLogRecordProcessor, LoggerProvider } from '@opentelemetry/sdk-logs';
import { MeterProvider, PeriodicExportingMetricReader } from '@opentelemetry/sdk-metrics';
import { BasicTracerProvider, BatchSpanProcessor } from '@opentelemetry/sdk-trace-base';
import { decodeRecord, Journal } from '@unhinged/events/journal';
import { LogEvent, LogLevel, MetricEvent, TraceEvent } from '@unhinged/observability-proto';
import { ExportTraceServiceRequest } from '@unhinged/observability-proto/otlp';
import { Counters } from './counters.js';
import { resolveOptions } from './options.js';
import { startIngest, type Ingest } from './start-ingest.js';

const ports = { grpc: 0, http: 0, prometheus: 0, console: 0 };
let dir: string;
let journal: Journal;
let counters: Counters;
let ingest: Ingest;

beforeEach(async () => {
  dir = mkdtempSync(join(tmpdir(), 'bridge-ingest-'));
  const options = resolveOptions({ dataDir: dir, ports, limits: { requestBytes: 4_000_000 } });
  journal = await Journal.open({ dir: join(dir, 'journal'), capBytes: 200_000_000, onFull: 'block' });
  counters = new Counters();
  ingest = await startIngest(journal, counters, options);
});
afterEach(async () => {
  await ingest.stop();
  await journal.close();
  rmSync(dir, { recursive: true });
});

async function stored() {
  const records = [];
  for (let from = journal.firstSequence; from <= journal.lastSequence;) {
    const batch = await journal.read({ from, maxRecords: 1000, maxBytes: 10_000_000 });
    if (batch.length === 0) break;
    records.push(...batch.map(({ payload }) => decodeRecord(payload)));
    from = (batch.at(-1)?.sequence ?? from) + 1;
  }
  return {
    records,
    spans: records
      .filter((record) => record.eventType === 'span')
      .map(({ value }) => TraceEvent.decode(value)),
    metrics: records
      .filter((record) => record.eventType === 'metric')
      .map(({ value }) => MetricEvent.decode(value)),
    logs: records
      .filter((record) => record.eventType === 'log_entry')
      .map(({ value }) => LogEvent.decode(value)),
  };
}
const http = (path: string) => `http://127.0.0.1:${ingest.ports.http}${path}`;
const post = (path: string, body: string | Uint8Array, type: string, headers: Record<string, string> = {}) =>
  fetch(http(path), {
    method: 'POST',
    body: body as BodyInit,
    headers: { 'content-type': type, ...headers },
  });
const example = (name: string) =>
  readFileSync(new URL(`./testing/otlp-examples/${name}.json`, import.meta.url), 'utf8');

const exporters = {
  'gRPC, gzip': () => {
    const url = `http://127.0.0.1:${ingest.ports.grpc}`;
    return withGzip(() => ({
      traces: new GrpcTraces({ url }),
      metrics: new GrpcMetrics({ url }),
      logs: new GrpcLogs({ url }),
    }));
  },
  'HTTP protobuf': () => ({
    traces: new ProtoTraces({ url: http('/v1/traces') }),
    metrics: new ProtoMetrics({ url: http('/v1/metrics') }),
    logs: new ProtoLogs({ url: http('/v1/logs') }),
  }),
  'HTTP JSON, gzip': () =>
    withGzip(() => ({
      traces: new JsonTraces({ url: http('/v1/traces') }),
      metrics: new JsonMetrics({ url: http('/v1/metrics') }),
      logs: new JsonLogs({ url: http('/v1/logs') }),
    })),
};

/** As users set it. */
function withGzip<T>(make: () => T): T {
  process.env['OTEL_EXPORTER_OTLP_COMPRESSION'] = 'gzip';
  try {
    return make();
  } finally {
    delete process.env['OTEL_EXPORTER_OTLP_COMPRESSION'];
  }
}

test.each(Object.keys(exporters) as (keyof typeof exporters)[])(
  'the OpenTelemetry JS exporters over %s lose nothing and change nothing',
  async (protocol) => {
    const { traces, metrics, logs } = exporters[protocol]();
    const SPANS = 2000;
    const LOGS = 1000;
    const tracing = new BasicTracerProvider({
      spanProcessors: [new BatchSpanProcessor(traces, { maxQueueSize: SPANS, maxExportBatchSize: 512 })],
    });
    const tracer = tracing.getTracer('tests', '1.0');
    const start: HrTime = [1_700_000_000, 123_456_789];
    const sent = Array.from({ length: SPANS }, (_, i) => {
      const span = tracer.startSpan(`span ${i} é`, {
        startTime: start,
        attributes: { i, list: ['a', 'b'], half: 0.5 },
      });
      span.addEvent('event', { i });
      if (i % 10 === 0) span.setStatus({ code: SpanStatusCode.ERROR, message: 'failed' });
      span.end([1_700_000_001, 0]);
      return span.spanContext();
    });
    await tracing.shutdown();

    const logging = new LoggerProvider({
      processors: [
        new BatchLogRecordProcessor({ exporter: logs, maxQueueSize: LOGS, maxExportBatchSize: 500 }),
      ],
    });
    for (let i = 0; i < LOGS; i++) {
      logging
        .getLogger('tests')
        .emit({ body: `line ${i}`, severityNumber: SeverityNumber.WARN, attributes: { i } });
    }
    await logging.shutdown();

    const reader = new PeriodicExportingMetricReader({ exporter: metrics, exportIntervalMillis: 3_600_000 });
    const metering = new MeterProvider({ readers: [reader] });
    metering.getMeter('tests').createCounter('jobs', { unit: '{job}' }).add(7, { queue: 'a' });
    metering.getMeter('tests').createHistogram('wait', { unit: 's' }).record(0.3);
    await metering.shutdown();

    const found = await stored();
    expect(found.spans.map((event) => event.traceContext?.spanId).sort()).toEqual(
      sent.map(({ spanId }) => spanId).sort(),
    );
    expect(found.spans.find((event) => event.span?.name === 'span 20 é')).toMatchObject({
      traceContext: { traceId: sent[20]?.traceId },
      timestamp: { seconds: 1_700_000_000n, nanos: 123_456_789 },
      scope: { name: 'tests', version: '1.0' },
      span: {
        startTimeUnixNano: 1_700_000_000_123_456_789n,
        status: { code: 2, message: 'failed' },
        attributes: [
          { key: 'i', value: { value: { $case: 'intValue', value: 20n } } },
          { key: 'list' },
          { key: 'half', value: { value: { $case: 'doubleValue', value: 0.5 } } },
        ],
        events: [{ name: 'event' }],
      },
    });
    expect(new Set(found.logs.map(({ message }) => message)).size).toBe(LOGS);
    expect(found.logs[7]).toMatchObject({
      message: 'line 7',
      level: LogLevel.WARN,
      metadata: { i: 7 },
      scopeName: 'tests',
    });
    expect(found.metrics.map(({ metric }) => [metric?.name, metric?.data?.$case])).toEqual([
      ['jobs', 'sum'],
      ['wait', 'histogram'],
    ]);
    const sequences = found.records.map(
      ({ eventType, value }) =>
        (eventType === 'span' ? TraceEvent : eventType === 'metric' ? MetricEvent : LogEvent).decode(value)
          .sequenceNumber,
    );
    expect(sequences).toEqual(Array.from({ length: SPANS + LOGS + 2 }, (_, i) => BigInt(i + 1)));
    expect(counters.get('accepted_items_total', { signal: 'traces' })).toBe(SPANS);

    const scrape = await (await fetch(`http://127.0.0.1:${ingest.ports.prometheus}/metrics`)).text();
    expect(scrape).toMatch(/^jobs_total\{.*queue="a"\} 7$/m);
    expect(scrape).toMatch(/^wait_seconds_bucket\{.*le="\+Inf"\} 1$/m);
    expect(scrape).toContain(`unhinged_accepted_items_total{signal="traces"} ${SPANS}\n`);
  },
  30_000,
);

test('the JSON examples of the OTLP specification are taken whole', async () => {
  for (const [name, signal] of [
    ['trace', 'traces'],
    ['metrics', 'metrics'],
    ['logs', 'logs'],
    ['events', 'logs'],
  ] as const) {
    const response = await post(`/v1/${signal}`, example(name), 'application/json');
    expect([name, response.status, await response.text()]).toEqual([name, 200, '{}']);
  }
  const { spans, metrics, logs } = await stored();
  expect(spans).toMatchObject([
    {
      traceContext: { traceId: '5b8efff798038103d269b633813fc60c', spanId: 'eee19b7ec3c1b174' },
      resource: { serviceName: 'my.service' },
      partitionInfo: { datePartition: '2018-12-13', hourPartition: '14' },
      span: { name: "I'm a server span", kind: 2, endTimeUnixNano: 1544712661000000000n },
      scope: { name: 'my.library', attributes: [{ key: 'my.scope.attribute' }] },
    },
  ]);
  expect(metrics.map(({ metric }) => [metric?.name, metric?.data?.$case])).toEqual([
    ['my.counter', 'sum'],
    ['my.gauge', 'gauge'],
    ['my.histogram', 'histogram'],
    ['my.exponential.histogram', 'exponentialHistogram'],
  ]);
  expect(logs).toMatchObject([
    {
      message: 'Example log record',
      level: LogLevel.INFO,
      severityNumber: 10,
      timestamp: { seconds: 1544712660n, nanos: 300000000 },
      metadata: {
        'string.attribute': 'some string',
        'boolean.attribute': true,
        'int.attribute': 10,
        'double.attribute': 637.704,
        'array.attribute': ['many', 'values'],
        'map.attribute': { 'some.map.key': 'some value' },
      },
    },
    {
      eventName: 'browser.page_view',
      message: expect.stringContaining('"url":"https://www.guidgenerator.com') as string,
    },
  ]);
});

const good = ExportTraceServiceRequest.encode(
  ExportTraceServiceRequest.fromPartial({
    resourceSpans: [
      {
        scopeSpans: [{ spans: [{ traceId: Buffer.alloc(16, 1), spanId: Buffer.alloc(8, 1), name: 'good' }] }],
      },
    ],
  }),
).finish();
const PROTOBUF = 'application/x-protobuf';
const deep = () => {
  let value: Buffer = Buffer.alloc(0);
  for (let i = 0; i < 100; i++) value = nest(0x2a, nest(0x0a, value));
  // resource_spans > resource > attributes > value
  return [0x12, 0x0a, 0x0a, 0x0a].reduce<Buffer>((inner, tag) => nest(tag, inner), value);
};
function nest(tag: number, inner: Buffer): Buffer {
  const length = inner.length;
  return Buffer.concat([
    Buffer.from(length < 128 ? [tag, length] : [tag, (length & 127) | 128, length >> 7]),
    inner,
  ]);
}

test.each<[string, () => Promise<Response>, number, string]>([
  [
    'malformed protobuf',
    () => post('/v1/traces', good.subarray(0, good.length - 1), PROTOBUF),
    400,
    'Bad OTLP protobuf: resource_spans[0]',
  ],
  [
    'protobuf nested too deep',
    () => post('/v1/traces', deep(), PROTOBUF),
    400,
    'nests values more than 32 deep',
  ],
  [
    'JSON nested too deep',
    () => post('/v1/logs', '['.repeat(200), 'application/json'),
    400,
    'nests more than 160 levels deep',
  ],
  [
    'JSON of the wrong shape',
    () => post('/v1/logs', '{"resourceLogs":[1]}', 'application/json'),
    400,
    'resourceLogs[0]: expected an object',
  ],
  [
    '20 MB',
    () => post('/v1/traces', Buffer.alloc(20_000_000), PROTOBUF),
    413,
    'The body has 20000000 bytes; the limit is 4000000',
  ],
  [
    'a gzip bomb',
    () => post('/v1/traces', gzipSync(Buffer.alloc(40_000_000)), PROTOBUF, { 'content-encoding': 'gzip' }),
    413,
    'when decompressed',
  ],
  [
    'bad gzip',
    () => post('/v1/traces', good, PROTOBUF, { 'content-encoding': 'gzip' }),
    400,
    'The body is not gzip',
  ],
  ['a wrong content type', () => post('/v1/traces', good, 'text/plain'), 415, 'Content-Type is text/plain'],
])('%s is refused, and what was accepted before stays', async (_, send, status, message) => {
  expect((await post('/v1/traces', good, PROTOBUF)).status).toBe(200);
  const response = await send();
  expect([response.status, await response.text()]).toEqual([status, expect.stringContaining(message)]);
  expect((await post('/v1/traces', good, PROTOBUF)).status).toBe(200);
  expect((await stored()).spans.map(({ span }) => span?.name)).toEqual(['good', 'good']);
});

test('zero ids are a partial success: the good spans are stored, the bad counted and told', async () => {
  const spans = [
    { traceId: '0'.repeat(32), spanId: '01'.repeat(8), name: 'bad' },
    { traceId: '01'.repeat(16), spanId: '01'.repeat(8), name: 'good' },
  ];
  const response = await post(
    '/v1/traces',
    JSON.stringify({ resourceSpans: [{ scopeSpans: [{ spans }] }] }),
    'application/json',
  );
  expect(response.status).toBe(200);
  expect(await response.json()).toEqual({
    partialSuccess: { rejectedSpans: '1', errorMessage: expect.stringContaining('not all zero') as string },
  });
  expect((await stored()).spans.map(({ span }) => span?.name)).toEqual(['good']);
  expect(counters.get('rejected_items_total', { signal: 'traces', reason: 'bad_trace_id' })).toBe(1);
});

test('a full journal is 503 with Retry-After, keeps what it has, and takes more when it was read', async () => {
  await ingest.stop();
  await journal.close();
  const small = {
    dir: join(dir, 'journal'),
    capBytes: 40_000,
    segmentBytes: 10_000,
    onFull: 'block',
    blockMs: 0,
  } as const;
  journal = await Journal.open(small);
  const reader = journal.cursor('reader');
  ingest = await startIngest(journal, counters, resolveOptions({ dataDir: dir, ports }));
  let accepted = 0;
  let response = await post('/v1/traces', good, PROTOBUF);
  for (; response.status === 200 && accepted < 1000; accepted++)
    response = await post('/v1/traces', good, PROTOBUF);
  expect([response.status, response.headers.get('retry-after')]).toEqual([503, '5']);
  expect(await response.text()).toContain('Nothing of the request was stored');
  expect((await stored()).spans).toHaveLength(accepted);
  expect(counters.get('accepted_items_total', { signal: 'traces' })).toBe(accepted);
  expect(counters.get('refused_items_total', { signal: 'traces', reason: 'journal_full' })).toBe(1);
  await reader.commit(journal.lastSequence);
  expect((await post('/v1/traces', good, PROTOBUF)).status).toBe(200);
});

test('a journal that cannot be written is 503, and nothing of the request is stored', async () => {
  expect((await post('/v1/traces', good, PROTOBUF)).status).toBe(200);
  await journal.close();
  const response = await post('/v1/traces', good, PROTOBUF);
  expect([response.status, response.headers.has('retry-after')]).toEqual([503, true]);
  expect(await response.text()).toContain('Nothing of the request was stored: The journal is closed');
  expect(counters.get('refused_items_total', { signal: 'traces', reason: 'stopping' })).toBe(1);
  journal = await Journal.open({ dir: join(dir, 'journal'), capBytes: 200_000_000, onFull: 'block' });
  expect((await stored()).spans).toHaveLength(1);
});

test('OpenMetrics is served to who asks for it, and ends with its mark', async () => {
  await post('/v1/metrics', example('metrics'), 'application/json');
  const url = `http://127.0.0.1:${ingest.ports.prometheus}/metrics`;
  const response = await fetch(url, { headers: { accept: 'application/openmetrics-text;version=1.0.0' } });
  const text = await response.text();
  expect(response.headers.get('content-type')).toMatch(/^application\/openmetrics-text; version=1.0.0/);
  expect(text).toContain('# TYPE my_counter counter\nmy_counter_total{');
  expect(text).toContain(
    '# TYPE unhinged_accepted_items counter\nunhinged_accepted_items_total{signal="metrics"} 4\n',
  );
  expect(text.endsWith('\n# EOF\n')).toBe(true);
  expect((await fetch(url.replace('/metrics', '/'))).status).toBe(404);
});
