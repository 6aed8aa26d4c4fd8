// node client.mjs ours|stock|unexported PROTOCOL COMPRESSION ENDPOINT SPANS → CPU microseconds per span
import { ExportResultCode } from '@opentelemetry/core';
import { OTLPTraceExporter as Grpc } from '@opentelemetry/exporter-trace-otlp-grpc';
import { OTLPTraceExporter as Http } from '@opentelemetry/exporter-trace-otlp-proto';
import { CompressionAlgorithm } from '@opentelemetry/otlp-exporter-base';
import { resourceFromAttributes } from '@opentelemetry/resources';
import { BasicTracerProvider, BatchSpanProcessor } from '@opentelemetry/sdk-trace-base';

import { resolveConfig } from '../../dist/config/resolve.js';
import { otlpSpanSink } from '../../dist/export/otlp.js';
import { SignalCounts } from '../../dist/stats.js';

const [who, protocol, compression, endpoint, total] = process.argv.slice(2);
const BATCH = 1_024;
let exported = 0;

function processor() {
  if (who === 'ours') {
    const env = {
      OTEL_EXPORTER_OTLP_ENDPOINT: endpoint,
      OTEL_EXPORTER_OTLP_PROTOCOL: protocol,
      OTEL_EXPORTER_OTLP_COMPRESSION: compression,
    };
    const config = resolveConfig({}, { env, main: undefined, cwd: '/', pid: 1 }, console.error);
    const counts = new SignalCounts();
    const sink = otlpSpanSink(config, counts);
    return {
      onStart() {},
      onEnd: (ended) => sink.add([ended], undefined),
      forceFlush: () => sink.flush(),
      shutdown: () => sink.shutdown(),
      exported: () => counts.exported,
    };
  }
  if (who === 'unexported') {
    const nothing = () => Promise.resolve();
    return { onStart() {}, onEnd() {}, forceFlush: nothing, shutdown: nothing, exported: () => 0 };
  }
  const options = {
    url: protocol === 'grpc' ? endpoint : `${endpoint}/v1/traces`,
    compression: compression === 'gzip' ? CompressionAlgorithm.GZIP : CompressionAlgorithm.NONE,
  };
  const exporter = protocol === 'grpc' ? new Grpc(options) : new Http(options);
  const send = exporter.export.bind(exporter);
  exporter.export = (spans, done) => {
    send(spans, (result) => {
      if (result.code === ExportResultCode.SUCCESS) exported += spans.length;
      done(result);
    });
  };
  const made = new BatchSpanProcessor(exporter, {
    maxQueueSize: 16 * BATCH,
    maxExportBatchSize: BATCH,
    scheduledDelayMillis: 1_000,
  });
  made.exported = () => exported;
  return made;
}

const way = processor();
const provider = new BasicTracerProvider({
  resource: resourceFromAttributes({
    'service.name': 'bench',
    'service.version': '1.2.3',
    'service.instance.id': '0123456789',
    'host.name': 'machine',
    'process.pid': 4711,
  }),
  spanProcessors: [way],
});
const tracer = provider.getTracer('@opentelemetry/instrumentation-http', '0.223.0');

function span(index) {
  const made = tracer.startSpan('GET /items/:id', {
    kind: 1,
    attributes: {
      'http.request.method': 'GET',
      'url.path': `/items/${index}`,
      'url.scheme': 'http',
      'server.address': 'shop.example.com',
      'server.port': 8082,
      'network.peer.address': '10.1.2.3',
      'network.protocol.version': '1.1',
      'user_agent.original': 'Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 Chrome/140.0',
    },
  });
  made.setAttribute('http.route', '/items/:id');
  made.setAttribute('http.response.status_code', 200);
  if (index % 10 === 0) made.addEvent('cache miss', { key: `item:${index}` });
  made.end();
}

async function spans(count) {
  for (let made = 0; made < count;) {
    for (let index = 0; index < 8 * BATCH && made < count; index++) span(made++);
    await way.forceFlush();
  }
}

/** The stock processor's forceFlush may resolve with an export under way. */
async function arrived(count) {
  for (let waits = 0; who !== 'unexported' && way.exported() < count && waits < 1_000; waits++) {
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}

await spans(20_000);
await arrived(20_000);
const before = way.exported();
const cpu = process.cpuUsage();
await spans(Number(total));
await arrived(before + Number(total));
const { user, system } = process.cpuUsage(cpu);
process.send({ microseconds: (user + system) / Number(total), exported: way.exported() - before });
await way.shutdown();
process.disconnect();
