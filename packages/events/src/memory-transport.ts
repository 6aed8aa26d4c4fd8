import { ObservabilityError } from '@unhinged/observability-core';

import type { EventRecord, EventTransport } from './transport.js';

export interface MemoryTransport extends EventTransport {
  /** What was sent, oldest first. */
  readonly records: readonly EventRecord[];
  /** Takes all records out. */
  drain(): EventRecord[];
}

/** Keeps records in memory, for tests and for subscribers of one process; refuses with `memory_full` beyond `maxRecords` (10,000). */
export function memoryTransport({ maxRecords = 10_000 }: { maxRecords?: number } = {}): MemoryTransport {
  let records: EventRecord[] = [];
  return {
    get records() {
      return records;
    },
    drain() {
      const taken = records;
      records = [];
      return taken;
    },
    connect: () => Promise.resolve(),
    sendBatch: (batch) =>
      Promise.resolve(
        batch.map((record) => {
          if (records.length >= maxRecords) {
            return {
              error: new ObservabilityError(
                'memory_full',
                `The memory transport holds ${maxRecords} records.`,
              ),
            };
          }
          records.push(record);
          return {};
        }),
      ),
    close: () => Promise.resolve(),
  };
}
