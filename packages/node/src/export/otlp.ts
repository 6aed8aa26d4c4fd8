import { join } from 'node:path';
import type { ReadableLogRecord } from '@opentelemetry/sdk-logs';
import type { PushMetricExporter } from '@opentelemetry/sdk-metrics';
import type { ResolvedConfig, SignalName } from '../config/resolve.js';
import type { SignalCounts } from '../stats.js';
import { warnOnce } from '../warn.js';
import { Batcher } from './batcher.js';
import type { OwnLogRecord } from './encode/logs.js';
import { jsonBuilders, protobufBuilders, type Builders, type DecidedSpan } from './builders.js';
import { Delivery } from './delivery.js';
import { splitJson } from './encode/split-json.js';
import { splitProtobuf } from './encode/split.js';
import { OtlpMetricExporter } from './metric-exporter.js';
import { MemoryOutbox, type Outbox } from './outbox.js';
import type { SpanSink } from './span-sink.js';
import { SpoolOutbox } from './spool.js';
import { grpcTransport } from './transport/grpc-transport.js';
import { httpTransport } from './transport/http-transport.js';

/** A way out over OTLP, with its hard end. */
export interface Ending {
  /** Ends at once: what has not left is dropped as `exit`, or stays in the spool. */
  end(): Promise<void>;
  readonly outbox: Outbox;
}

/** Takes log records that are to leave. Counts what becomes of them, except `created`. */
export interface LogRecordSink {
  add(record: ReadableLogRecord): void;
  flush(): Promise<void>;
  shutdown(): Promise<void>;
}

/** @throws ObservabilityError for a bad endpoint or certificate. */
export function otlpSpanSink(config: ResolvedConfig, counts: SignalCounts): SpanSink & Ending {
  const { builders, outbox } = wayOut('traces', 'spans', config, counts);
  const batcher = new Batcher<DecidedSpan>(builders.spans(), outbox, config.spanBatch, counts, 'spans');
  return {
    add(spans, traceState) {
      for (const span of spans) batcher.add({ span, traceState });
    },
    flush: () => batcher.flush(),
    shutdown: () => batcher.shutdown(),
    end: () => batcher.end(),
    outbox,
  };
}

/** @throws ObservabilityError for a bad endpoint or certificate. */
export function otlpLogSink(config: ResolvedConfig, counts: SignalCounts): LogRecordSink & Ending {
  const { builders, outbox } = wayOut('logs', 'log records', config, counts);
  // Lines are our own, and never change.
  const isLine = (record: OwnLogRecord) => record.writeTo !== undefined;
  return new Batcher(builders.logs(), outbox, config.logBatch, counts, 'log records', isLine);
}

/** @throws ObservabilityError for a bad endpoint or certificate. */
export function otlpMetricExporter(
  config: ResolvedConfig,
  counts: SignalCounts,
): PushMetricExporter & Ending {
  const { builders, outbox } = wayOut('metrics', 'metric points', config, counts);
  return new OtlpMetricExporter(builders.metrics(), outbox, counts, config.metricTimeoutMs, process.env);
}

function wayOut(
  signal: SignalName,
  what: string,
  config: ResolvedConfig,
  counts: SignalCounts,
): { builders: Builders; outbox: Outbox } {
  const { protocol } = config.signals[signal];
  const json = protocol === 'http/json';
  const delivery = new Delivery({
    transport:
      protocol === 'grpc'
        ? grpcTransport(signal, config.signals[signal])
        : httpTransport(config.signals[signal]),
    split: json ? splitJson : (body) => splitProtobuf(body, signal === 'metrics'),
    counts,
    what,
  });
  return {
    builders: json ? jsonBuilders() : protobufBuilders,
    outbox: spoolOrMemory(config.spoolDir),
  };

  function spoolOrMemory(dir: string | undefined): Outbox {
    if (dir !== undefined && !json) return new SpoolOutbox(join(dir, signal), delivery, counts, what);
    // What is in the spool must be readable whatever the next start speaks.
    if (dir !== undefined)
      warnOnce(
        `startNode: spoolDir needs the protocol grpc or http/protobuf, not http/json; ${what} wait in memory`,
      );
    return new MemoryOutbox(delivery, counts);
  }
}
