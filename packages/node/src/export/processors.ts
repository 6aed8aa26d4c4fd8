import { TraceFlags } from '@opentelemetry/api';
import type { LogRecordProcessor, ReadableLogRecord } from '@opentelemetry/sdk-logs';
import type { ReadableSpan, SpanProcessor } from '@opentelemetry/sdk-trace-base';
import type { BatchQueue } from './batch-queue.js';

/** Puts sampled spans into the queue when they end. */
export function spanProcessor(queue: BatchQueue<ReadableSpan>): SpanProcessor {
  return {
    onStart() {
      // A span counts when it ends.
    },
    onEnd(span) {
      if ((span.spanContext().traceFlags & TraceFlags.SAMPLED) !== 0) queue.add(span);
    },
    forceFlush: () => queue.flush(),
    shutdown: () => queue.shutdown(),
  };
}

export function logRecordProcessor(queue: BatchQueue<ReadableLogRecord>): LogRecordProcessor {
  return {
    onEmit(record) {
      queue.add(record);
    },
    forceFlush: () => queue.flush(),
    shutdown: () => queue.shutdown(),
  };
}
