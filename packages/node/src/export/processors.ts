import { TraceFlags } from '@opentelemetry/api';
import type { LogRecordProcessor } from '@opentelemetry/sdk-logs';
import type { SpanProcessor } from '@opentelemetry/sdk-trace-base';
import type { SignalCounts } from '../stats.js';
import type { LogRecordSink } from './otlp.js';
import type { SpanSink } from './span-sink.js';

/** Hands sampled spans to the sink when they end. */
export function spanProcessor(sink: SpanSink, counts: SignalCounts): SpanProcessor {
  return {
    onStart() {
      // A span counts when it ends.
    },
    onEnd(span) {
      if ((span.spanContext().traceFlags & TraceFlags.SAMPLED) === 0) return;
      counts.created += 1;
      sink.add([span], undefined);
    },
    forceFlush: () => sink.flush(),
    shutdown: () => sink.shutdown(),
  };
}

export function logRecordProcessor(sink: LogRecordSink, counts: SignalCounts): LogRecordProcessor {
  return {
    onEmit(record) {
      counts.created += 1;
      sink.add(record);
    },
    forceFlush: () => sink.flush(),
    shutdown: () => sink.shutdown(),
  };
}
