import type { LogRecordProcessor } from '@opentelemetry/sdk-logs';
import type { EncodedRecord } from './builders.js';
import type { SignalCounts } from '../stats.js';
import type { LogRecordSink } from './otlp.js';

/** A processor that may take records encoded already. */
export interface OwnLogRecordProcessor extends LogRecordProcessor {
  readonly onEncoded?: ((record: EncodedRecord) => void) | undefined;
}

export function logRecordProcessor(sink: LogRecordSink, counts: SignalCounts): OwnLogRecordProcessor {
  const { addEncoded } = sink;
  return {
    onEncoded:
      addEncoded &&
      ((record) => {
        counts.created += 1;
        addEncoded(record);
      }),
    onEmit(record) {
      counts.created += 1;
      sink.add(record);
    },
    forceFlush: () => sink.flush(),
    shutdown: () => sink.shutdown(),
  };
}
