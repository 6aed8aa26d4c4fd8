// CPU per created span of the local tail (10 % of ordinary requests and every error) against the stock SDK in the same run: recording
// everything, and head sampling, which keeps 10 % of the errors. Requests of five spans as a web service makes them, 2 % fail.
// All ways end with encoded OTLP requests that go nowhere. Each sample is a process of its own; the median of five counts.
import { execFileSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';

import { ROOT_CONTEXT, SpanKind, SpanStatusCode, trace } from '@opentelemetry/api';
import { defaultPolicy, LocalTail, parsePolicy, SamplingEngine } from '@unhinged/observability-core';

const REQUESTS = 60_000;
const SPANS_OF_A_REQUEST = 5;
const WAYS = ['off', 'record-only', 'head', 'tail', 'record-all'];

export async function measure() {
  const samples = Object.fromEntries(WAYS.map((way) => [way, []]));
  for (let round = 0; round < 5; round++) {
    // In turn, so that a busy moment of the machine does not fall on one of them.
    for (const way of WAYS) {
      const text = execFileSync(process.execPath, [fileURLToPath(import.meta.url), way], {
        encoding: 'utf8',
      });
      samples[way].push(JSON.parse(text));
    }
  }
  const figure = (way, key) => {
    const sorted = samples[way].map((sample) => sample[key]).sort((a, b) => a - b);
    return sorted[Math.floor(sorted.length / 2)];
  };
  const all = figure('record-all', 'us');
  const ratio = figure('tail', 'us') / all;
  const [below, at] = [100_000, 15_000].map((openSpans) =>
    Math.min(...Array.from({ length: 5 }, () => held(openSpans))),
  );
  return [
    ...['off', 'record-only', 'head'].map((way) => ({
      name: `CPU per created span, stock SDK, ${way}`,
      value: figure(way, 'us'),
      unit: 'µs',
      peer: 'record-all',
      peerValue: all,
      ratio: figure(way, 'us') / all,
    })),
    {
      name: 'CPU per created span, local tail, 10 % and every error',
      value: figure('tail', 'us'),
      unit: 'µs',
      peer: 'record-all',
      peerValue: all,
      ratio,
      goal: '<= 0.45',
      met: ratio <= 0.45,
    },
    { name: 'failed requests kept by head sampling', value: figure('head', 'errorsKept'), unit: '' },
    {
      name: 'failed requests kept by the local tail',
      value: figure('tail', 'errorsKept'),
      unit: '',
      goal: '1',
      met: figure('tail', 'errorsKept') === 1,
    },
    {
      name: 'CPU per span held, every segment open, at the bound of the tail',
      value: at,
      unit: 'µs',
      peer: 'below it',
      peerValue: below,
      ratio: at / below,
      goal: '<= 2',
      met: at <= 2 * below,
    },
    { name: 'spans kept by the local tail', value: figure('tail', 'spansKept'), unit: '' },
  ];
}

if (process.argv[1] === fileURLToPath(import.meta.url))
  console.log(JSON.stringify(await sample(process.argv[2])));

async function sample(way) {
  const seen = { spans: 0, errors: 0 };
  const { provider, flush } = await start(way, (spans) => {
    seen.spans += spans.length;
    for (const span of spans) if (span.status.code === SpanStatusCode.ERROR) seen.errors += 1;
  });
  trace.setGlobalTracerProvider(provider);
  const tracer = trace.getTracer('bench');
  for (let index = 0; index < 5_000; index++) request(tracer, index);
  await flush();
  Object.assign(seen, { spans: 0, errors: 0 });
  const before = process.cpuUsage();
  for (let index = 0; index < REQUESTS; index++) {
    request(tracer, index);
    if (index % 200 === 199) await new Promise((resolve) => setImmediate(resolve));
  }
  await flush();
  const { user, system } = process.cpuUsage(before);
  return {
    us: (user + system) / (REQUESTS * SPANS_OF_A_REQUEST),
    errorsKept: seen.errors / (REQUESTS / 50),
    spansKept: seen.spans / (REQUESTS * SPANS_OF_A_REQUEST),
  };
}

/** 60,000 segments that never end: beyond the bound each new span has the oldest segment decided. */
function held(openSpans) {
  const { sampling } = parsePolicy({ sampling: { tail: { openSpans, spansOfSegment: 100 } } });
  const engine = new SamplingEngine({ policy: sampling, serviceType: 'gateway' });
  const tail = new LocalTail({ engine, emit() {}, sampledOut() {} });
  const before = process.cpuUsage();
  for (let index = 0; index < 60_000; index++) {
    const traceId = index.toString(16).padStart(32, '1');
    tail.start(traceId, { retained: false });
    tail.end({}, { traceId, isRoot: false, error: false, durationMs: 0 });
  }
  const { user, system } = process.cpuUsage(before);
  return (user + system) / 60_000;
}

function request(tracer, index) {
  const server = tracer.startSpan(
    'GET',
    {
      kind: SpanKind.SERVER,
      attributes: {
        'http.request.method': 'GET',
        'url.path': `/items/${index}`,
        'url.scheme': 'http',
        'server.address': 'localhost',
        'server.port': 8080,
        'network.peer.address': '127.0.0.1',
        'network.protocol.version': '1.1',
        'user_agent.original': 'bench/1.0',
      },
    },
    ROOT_CONTEXT,
  );
  const active = trace.setSpan(ROOT_CONTEXT, server);
  for (let child = 0; child < SPANS_OF_A_REQUEST - 1; child++) {
    const span = tracer.startSpan(
      'SELECT items',
      {
        kind: SpanKind.CLIENT,
        attributes: {
          'db.system.name': 'postgresql',
          'db.query.text': 'SELECT * FROM items WHERE id = $1',
          'server.address': 'db',
        },
      },
      active,
    );
    if (index % 50 === 0 && child === 3) {
      span.recordException({
        name: 'DatabaseError',
        message: 'connection reset',
        stack: 'DatabaseError\n    at …',
      });
      span.setStatus({ code: SpanStatusCode.ERROR });
    }
    span.end();
  }
  server.setAttributes({ 'http.response.status_code': 200, 'http.route': '/items/:id' });
  server.updateName('GET /items/:id');
  server.end();
}

/** What the ways have in common at the end: encoding in batches of 1,024. */
async function start(way, onEncoded) {
  const {
    AlwaysOffSampler,
    AlwaysOnSampler,
    BasicTracerProvider,
    BatchSpanProcessor,
    ParentBasedSampler,
    TraceIdRatioBasedSampler,
  } = await import('@opentelemetry/sdk-trace-base');
  const { ProtobufTraceSerializer } = await import('@opentelemetry/otlp-transformer');
  const exporter = {
    export(spans, done) {
      ProtobufTraceSerializer.serializeRequest(spans);
      onEncoded(spans);
      done({ code: 0 });
    },
    forceFlush: () => Promise.resolve(),
    shutdown: () => Promise.resolve(),
  };
  const nothing = {
    onStart() {},
    onEnd() {},
    forceFlush: () => Promise.resolve(),
    shutdown: () => Promise.resolve(),
  };
  const stock = (sampler, processor) => {
    const provider = new BasicTracerProvider({ sampler, spanProcessors: [processor] });
    return { provider, flush: () => provider.forceFlush() };
  };
  // A queue for all of it, so that the stock processor loses nothing here.
  const batch = () => new BatchSpanProcessor(exporter, { maxQueueSize: 1e6, maxExportBatchSize: 1_024 });
  switch (way) {
    case 'off':
      return stock(new AlwaysOffSampler(), nothing);
    case 'record-only':
      return stock({ shouldSample: () => ({ decision: 1 }) }, nothing);
    case 'tail': {
      const { RecordingTracerProvider } = await import('../dist/trace/tracer.js');
      const { SegmentRecorder } = await import('../dist/sampling/segment-recorder.js');
      const { protobufBuilders } = await import('../dist/export/builders.js');
      const { SignalCounts } = await import('../dist/stats.js');
      const { resourceFromAttributes } = await import('@opentelemetry/resources');
      const resource = resourceFromAttributes({ 'service.name': 'bench' });
      const engine = new SamplingEngine({ policy: defaultPolicy.sampling, serviceType: 'gateway' });
      const builder = protobufBuilders.spans();
      let spans = 0;
      const encode = () => {
        builder.take();
        spans = 0;
      };
      const sink = {
        add(kept, traceState) {
          for (const span of kept) builder.add({ span, traceState });
          onEncoded(kept);
          spans += kept.length;
          if (spans >= 1_024) encode();
        },
        async flush() {
          if (spans > 0) encode();
        },
        async shutdown() {},
      };
      const provider = new RecordingTracerProvider(
        resource,
        new SegmentRecorder(engine, [sink], new SignalCounts()),
      );
      return { provider, flush: () => provider.forceFlush() };
    }
    case 'head':
      return stock(new ParentBasedSampler({ root: new TraceIdRatioBasedSampler(0.1) }), batch());
    case 'record-all':
      return stock(new AlwaysOnSampler(), batch());
    default:
      throw new Error(`no such way: ${way}`);
  }
}
