import { createTraceState, TraceFlags } from '@opentelemetry/api';
import type { LogRecordProcessor, ReadableLogRecord } from '@opentelemetry/sdk-logs';
import type { ReadableSpan, SpanProcessor } from '@opentelemetry/sdk-trace-base';
import type { SignalCounts } from '../stats.js';
import type { BatchQueue } from './batch-queue.js';
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

export function queuedSpanSink(queue: BatchQueue<ReadableSpan>): SpanSink {
  return {
    add(spans, traceState) {
      for (const span of spans) queue.add(traceState === undefined ? span : withTraceState(span, traceState));
    },
    flush: () => queue.flush(),
    shutdown: () => queue.shutdown(),
  };
}

function withTraceState(span: ReadableSpan, text: string): ReadableSpan {
  const traceState = text === '' ? undefined : createTraceState(text);
  const context = { ...span.spanContext(), traceState };
  return Object.create(span, { spanContext: { value: () => context } }) as ReadableSpan;
}

export function logRecordProcessor(
  queue: BatchQueue<ReadableLogRecord>,
  counts: SignalCounts,
): LogRecordProcessor {
  return {
    onEmit(record) {
      counts.created += 1;
      queue.add(record);
    },
    forceFlush: () => queue.flush(),
    shutdown: () => queue.shutdown(),
  };
}
