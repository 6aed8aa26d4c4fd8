import type { LogRecordProcessor } from '@opentelemetry/sdk-logs';
import type { SignalCounts } from '../stats.js';
import type { LogRecordSink } from './otlp.js';

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
