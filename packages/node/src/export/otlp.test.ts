import { afterEach, beforeEach, describe, expect, jest, test } from '@jest/globals';
import { SpanKind, SpanStatusCode, TraceFlags } from '@opentelemetry/api';
import { resourceFromAttributes } from '@opentelemetry/resources';
import type { ReadableLogRecord } from '@opentelemetry/sdk-logs';
import { MeterProvider, PeriodicExportingMetricReader } from '@opentelemetry/sdk-metrics';
import type { ReadableSpan } from '@opentelemetry/sdk-trace-base';
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { resolveConfig } from '../config/resolve.js';
import { SignalCounts } from '../stats.js';
import { startCollector, TAKE, UNAVAILABLE, type Collector, type Reply } from '../testing/collector.js';
import { eventually } from '../testing/run-app.js';
import { otlpLogSink, otlpMetricExporter, otlpSpanSink } from './otlp.js';
import { grpcTarget } from './transport/destination.js';

const PROTOCOLS = ['grpc', 'http/protobuf', 'http/json'];
const resource = resourceFromAttributes({ 'service.name': 'test' });
const scope = { name: 'scope', version: '1' };

let collector: Collector;
let endings: (() => Promise<void>)[];
let folder: string;
beforeEach(async () => {
  jest.spyOn(process, 'emitWarning').mockImplementation(() => undefined);
  collector = await startCollector();
  endings = [];
  folder = await mkdtemp(join(tmpdir(), 'spool-'));
});
afterEach(async () => {
  for (const end of endings) await end();
  await collector.stop();
  await rm(folder, { recursive: true, force: true });
  jest.restoreAllMocks();
});

function configFor(protocol: string, env: Record<string, string> = {}) {
  const endpoint = protocol === 'grpc' ? collector.grpcUrl : collector.httpUrl;
  return resolveConfig(
    {},
    {
      env: { OTEL_EXPORTER_OTLP_ENDPOINT: endpoint, OTEL_EXPORTER_OTLP_PROTOCOL: protocol, ...env },
      main: undefined,
      cwd: '/',
      pid: 1,
    },
    (problem) => {
      throw new Error(problem);
    },
  );
}

function spanSink(protocol: string, env?: Record<string, string>) {
  const counts = new SignalCounts();
  const sink = otlpSpanSink(configFor(protocol, env), counts);
  endings.push(() => sink.end());
  const add = (from: number, to: number) => {
    for (let index = from; index < to; index++) {
      counts.created += 1;
      sink.add([span(`span ${index.toString()}`)], undefined);
    }
  };
  return { sink, counts, add };
}

function span(name: string): ReadableSpan {
  const context = { traceId: 'a'.repeat(32), spanId: 'b'.repeat(16), traceFlags: TraceFlags.SAMPLED };
  return {
    name,
    kind: SpanKind.INTERNAL,
    spanContext: () => context,
    startTime: [1, 2],
    endTime: [1, 3],
    duration: [0, 1],
    ended: true,
    status: { code: SpanStatusCode.UNSET },
    attributes: { text: 'some text' },
    links: [],
    events: [],
    resource,
    instrumentationScope: scope,
    droppedAttributesCount: 0,
    droppedEventsCount: 0,
    droppedLinksCount: 0,
  };
}

function logRecord(body: string): ReadableLogRecord {
  return {
    hrTime: [1, 2],
    hrTimeObserved: [1, 2],
    body,
    resource,
    instrumentationScope: scope,
    attributes: {},
    droppedAttributesCount: 0,
  };
}

const names = (count: number) => Array.from({ length: count }, (_, index) => `span ${index.toString()}`);

describe.each(PROTOCOLS)('over %s', (protocol) => {
  test('three signals arrive, with headers, gzip and exact counts', async () => {
    const config = configFor(protocol, { OTEL_EXPORTER_OTLP_HEADERS: 'X-Tenant=a%20b' });
    const counts = { spans: new SignalCounts(), logs: new SignalCounts(), metrics: new SignalCounts() };
    const spans = otlpSpanSink(config, counts.spans);
    const logs = otlpLogSink(config, counts.logs);
    const exporter = otlpMetricExporter(config, counts.metrics);
    const meters = new MeterProvider({ readers: [new PeriodicExportingMetricReader({ exporter })] });
    endings.push(
      () => meters.shutdown(),
      () => spans.end(),
      () => logs.end(),
    );
    counts.spans.created += 1;
    spans.add([span('a span')], 'ot=th:8');
    counts.logs.created += 1;
    logs.add(logRecord('a line'));
    const counter = meters.getMeter('m').createCounter('requests');
    counter.add(1, { route: 'a' });
    counter.add(2, { route: 'b' });
    await Promise.all([spans.flush(), logs.flush(), meters.forceFlush()]);
    expect([...collector.taken].sort()).toEqual(['a line', 'a span', 'requests', 'requests']);
    expect(counts.metrics.stats()).toMatchObject({ created: 2, exported: 2, queued: 0 });
    for (const { headers } of collector.attempts) {
      expect(headers['x-tenant']).toBe('a b');
      expect(headers['grpc-encoding'] ?? headers['content-encoding']).toBe('gzip');
    }
  });

  test.each<[string, Reply]>([
    ['is unavailable', UNAVAILABLE],
    ['asks for a wait', { grpc: 8, http: 429, message: 'busy', retryAfterS: 1 }],
    ['resets the connection', 'reset'],
  ])('a collector that %s at first gets everything once it works', async (_, reply) => {
    const { sink, counts, add } = spanSink(protocol);
    let refusals = 3;
    collector.answer = () => (refusals-- > 0 ? reply : TAKE);
    add(0, 3_000);
    await sink.flush();
    expect([...collector.taken].sort()).toEqual(names(3_000).sort());
    expect(counts.stats()).toMatchObject({ created: 3_000, exported: 3_000, dropped: {}, queued: 0 });
  });

  test('a signal that ends does not cut off what another one has under way', async () => {
    const { sink, add } = spanSink(protocol);
    add(0, 1);
    await sink.flush();
    const logs = otlpLogSink(configFor(protocol), new SignalCounts());
    endings.push(() => logs.end());
    collector.answer = () => 'hang';
    logs.add(logRecord('a line'));
    void logs.flush();
    await eventually('the request', () => collector.waiting === 1);
    await sink.end();
    // A connection that was cut would be seen by now: the next request comes over another one.
    collector.answer = () => TAKE;
    await fetch(`${collector.httpUrl}/v1/logs`, { method: 'POST', body: '' });
    expect(collector.waiting).toBe(1);
  });

  test('an attempt without an answer is given up after the timeout and made again', async () => {
    const { sink, add, counts } = spanSink(protocol, { OTEL_EXPORTER_OTLP_TIMEOUT: '300' });
    let hangs = 1;
    collector.answer = () => (hangs-- > 0 ? 'hang' : TAKE);
    add(0, 10);
    await sink.flush();
    expect(collector.attempts).toHaveLength(2);
    expect(counts.stats()).toMatchObject({ exported: 10, queued: 0 });
  });

  test.each<[string, Reply, object]>([
    ['refuses for good', { grpc: 3, http: 400, message: 'bad tenant' }, { rejected: 100 }],
    ['takes a part', { take: true, rejected: 30, message: 'too old' }, { rejected: 30 }],
  ])('what a collector %s is dropped as rejected, not sent again', async (_, reply, dropped) => {
    const { sink, add, counts } = spanSink(protocol);
    collector.answer = () => reply;
    add(0, 100);
    await sink.flush();
    expect(collector.attempts).toHaveLength(1);
    expect(counts.stats()).toMatchObject({ exported: collector.taken.length, dropped, queued: 0 });
  });

  test('requests that are too large for it are halved', async () => {
    const { sink, add, counts } = spanSink(protocol);
    const tooLarge: Reply = { grpc: 8, http: 413, message: 'received message larger than max (9 vs. 8)' };
    collector.answer = ({ records }) => (records > 20 ? tooLarge : TAKE);
    add(0, 100);
    await sink.flush();
    expect([...collector.taken].sort()).toEqual(names(100).sort());
    expect(counts.stats()).toMatchObject({ exported: 100, dropped: {}, queued: 0 });
  });

  test('at most five exports of a signal are under way', async () => {
    const { sink, add } = spanSink(protocol);
    add(0, 10_000);
    await sink.flush();
    expect(collector.taken).toHaveLength(10_000);
    expect(collector.mostWaiting).toBeLessThanOrEqual(5);
  });
});

describe('a gRPC connection', () => {
  test('is one for all signals, and made anew after GOAWAY and after a restart of the collector', async () => {
    const { sink, add, counts } = spanSink('grpc');
    const logs = otlpLogSink(configFor('grpc'), new SignalCounts());
    endings.push(() => logs.end());
    add(0, 1);
    logs.add(logRecord('line'));
    await Promise.all([sink.flush(), logs.flush()]);
    expect(collector.connections).toBe(1);
    collector.goAway();
    add(1, 2);
    await sink.flush();
    expect(collector.connections).toBe(2);
    const port = Number(new URL(collector.grpcUrl).port);
    await collector.stop();
    add(2, 3);
    const flushed = sink.flush();
    await new Promise((resolve) => setTimeout(resolve, 300));
    collector = await startCollector({ grpcPort: port });
    await flushed;
    expect(counts.stats()).toMatchObject({ created: 3, exported: 3, dropped: {}, queued: 0 });
  });

  test.each([
    ['127.0.0.1', 'localhost'],
    ['127.0.0.1', '127.0.0.1'],
    ['::1', '[::1]'],
  ])('finds a collector that listens on %s as %s', async (host, name) => {
    const other = await startCollector({ host });
    endings.push(() => other.stop());
    const { sink, add } = spanSink('grpc', {
      OTEL_EXPORTER_OTLP_ENDPOINT: `http://${name}:${new URL(other.grpcUrl).port}`,
    });
    add(0, 1);
    await sink.flush();
    expect(other.taken).toEqual(['span 0']);
  });
});

describe('TLS', () => {
  /** A certificate for localhost that is its own authority. */
  function certificate(name: string) {
    const files = { key: join(folder, `${name}.key`), cert: join(folder, `${name}.crt`) };
    execFileSync(
      'openssl',
      ['req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes', '-days', '2']
        .concat(['-subj', '/CN=localhost', '-addext', 'subjectAltName=DNS:localhost,IP:127.0.0.1'])
        .concat(['-keyout', files.key, '-out', files.cert]),
      { stdio: 'ignore' },
    );
    return files;
  }
  const read = (file: string) => readFileSync(file, 'utf8');

  test('with an authority and a client certificate from files; without them nothing is sent', async () => {
    const server = certificate('server');
    const client = certificate('client');
    const secure = await startCollector({
      tls: { key: read(server.key), cert: read(server.cert), ca: read(client.cert) },
    });
    endings.push(() => secure.stop());
    const endpoint = { OTEL_EXPORTER_OTLP_ENDPOINT: `https://localhost:${new URL(secure.grpcUrl).port}` };
    const trusting = spanSink('grpc', {
      ...endpoint,
      OTEL_EXPORTER_OTLP_CERTIFICATE: server.cert,
      OTEL_EXPORTER_OTLP_CLIENT_KEY: client.key,
      OTEL_EXPORTER_OTLP_CLIENT_CERTIFICATE: client.cert,
    });
    trusting.add(0, 1);
    await trusting.sink.flush();
    expect(secure.taken).toEqual(['span 0']);
    const doubting = spanSink('grpc', { ...endpoint, OTEL_BSP_EXPORT_TIMEOUT: '500' });
    doubting.add(1, 2);
    await doubting.sink.flush();
    expect(secure.taken).toEqual(['span 0']);
    expect(doubting.counts.stats()).toMatchObject({ exported: 0, queued: 1 });
  });

  test('a certificate that is not there is an error that names it', () => {
    expect(() =>
      spanSink('grpc', {
        OTEL_EXPORTER_OTLP_ENDPOINT: 'https://localhost:1',
        OTEL_EXPORTER_OTLP_CERTIFICATE: '/no/such/file',
      }),
    ).toThrow(/OTEL_EXPORTER_OTLP_CERTIFICATE names '\/no\/such\/file'/);
  });

  test.each([
    ['collector:4317', { secure: true, host: 'collector', port: 4317 }],
    ['dns:///collector:4317', { secure: true, host: 'collector', port: 4317 }],
    ['https://collector', { secure: true, host: 'collector', port: 443 }],
    ['http://[::1]:4317', { secure: false, host: '::1', port: 4317 }],
    ['unix:///run/otel.sock', { secure: false, path: '/run/otel.sock' }],
  ])('%s is understood as gRPC does', (url, target) => {
    expect(grpcTarget({ url, tls: {}, insecure: false })).toMatchObject(target);
    if (!url.includes('//')) expect(grpcTarget({ url, tls: {}, insecure: true }).secure).toBe(false);
  });
});

describe('the spool', () => {
  const spooled = { UNHINGED_SPOOL_DIR: '' };
  beforeEach(() => {
    spooled.UNHINGED_SPOOL_DIR = folder;
  });

  test('carries what the collector did not take over a restart, and counts it again as created', async () => {
    collector.answer = () => UNAVAILABLE;
    const first = spanSink('grpc', spooled);
    first.add(0, 2_000);
    const flushed = first.sink.flush();
    await eventually('an attempt', () => collector.attempts.length > 0);
    await first.sink.end();
    await flushed;
    expect(first.counts.stats()).toEqual({
      created: 2_000,
      exported: 0,
      sampledOut: 0,
      dropped: {},
      queued: 2_000,
    });
    collector.answer = () => TAKE;
    const second = spanSink('grpc', spooled);
    second.add(2_000, 2_010);
    await second.sink.flush();
    expect([...new Set(collector.taken)].sort()).toEqual(names(2_010).sort());
    expect(second.counts.stats()).toMatchObject({ created: 2_010, exported: 2_010, dropped: {}, queued: 0 });
  });

  test('has one owner a place: two processes with the same folder use two', async () => {
    const one = spanSink('grpc', spooled);
    const other = spanSink('grpc', spooled);
    one.add(0, 5);
    other.add(5, 10);
    await Promise.all([one.sink.flush(), other.sink.flush()]);
    expect([...collector.taken].sort()).toEqual(names(10));
  });

  test('that cannot be opened leaves records in memory', async () => {
    const { sink, add, counts } = spanSink('grpc', { UNHINGED_SPOOL_DIR: '/dev/null/no' });
    add(0, 5);
    await sink.flush();
    expect(counts.stats()).toMatchObject({ created: 5, exported: 5, queued: 0 });
  });
});
