import { readHead } from '../../envelope-head.js';
import type { Journal } from '../../journal/journal.js';
import { decodeRecord, encodeRecord } from '../../journal/record-codec.js';
import type { ConsumedBatch, ConsumerProgress, EventSink, RestoredState } from './event-sink.js';

export interface JournalSinkOptions {
  /** Name of the cursor that holds the newest records for the sink itself. Default `kafka-consumer`. */
  cursor?: string;
  /**
   * Newest records that stay in the journal, so that their ids are known after a restart. Default 100,000; fewer where they
   * would take more than a quarter of the journal.
   */
  keepRecords?: number;
}

/** Header of the last record of a batch. */
const PROGRESS = 'x-consumer-progress';
const READ = { maxRecords: 10_000, maxBytes: 16 * 1024 * 1024 } as const;

/**
 * Kafka into a journal, where everything that reads a journal finds it. The last record of each batch carries the consumer's progress in a
 * header. A crash in the middle of a batch leaves its first records without it: they are read from Kafka again and known by
 * their ids, which are those of the journal's newest records. The journal stays open: whoever opened it closes it.
 */
export function journalSink(journal: Journal, options: JournalSinkOptions = {}): EventSink {
  const { keepRecords = 100_000 } = options;
  const cursor = journal.cursor(options.cursor ?? 'kafka-consumer');
  // A journal that is full of what is kept would take nothing more.
  const keepBytes = journal.stats().capBytes / 4;
  /** What is kept of each batch, and together. */
  const kept: { first: number; records: number; bytes: number }[] = [];
  let [keptRecords, keptBytes] = [0, 0];
  let [passedRecords, passedBytes] = [0, 0];

  const keep = (first: number, payloads: readonly Uint8Array[]): void => {
    const batch = { first, records: payloads.length, bytes: sizeOf(payloads) };
    kept.push(batch);
    keptRecords += batch.records;
    keptBytes += batch.bytes;
    for (let oldest = kept[0]; oldest !== undefined && oldest !== batch; oldest = kept[0]) {
      if (keptRecords - oldest.records < keepRecords && keptBytes <= keepBytes) break;
      kept.shift();
      keptRecords -= oldest.records;
      keptBytes -= oldest.bytes;
      passedRecords += oldest.records;
      passedBytes += oldest.bytes;
    }
    if (passedRecords <= keepRecords / 10 && passedBytes <= keepBytes / 10) return;
    [passedRecords, passedBytes] = [0, 0];
    // Not waited for: the journal only keeps more than it needs to.
    cursor.commit((kept[0]?.first ?? first) - 1).catch(() => undefined);
  };

  return {
    async restore(): Promise<RestoredState> {
      let progress: ConsumerProgress | undefined;
      const recentIds: string[] = [];
      for (let from = cursor.position + 1; ;) {
        const records = await journal.read({ from, ...READ });
        const [first] = records;
        const last = records.at(-1);
        if (first === undefined || last === undefined) break;
        for (const { payload } of records) {
          const { value, headers } = decodeRecord(payload);
          const id = eventIdOf(value);
          if (id !== undefined) recentIds.push(id);
          const text = headers?.[PROGRESS];
          if (text !== undefined) progress = JSON.parse(text) as ConsumerProgress;
        }
        keep(
          first.sequence,
          records.map(({ payload }) => payload),
        );
        from = last.sequence + 1;
      }
      return { progress, recentIds };
    },

    async store({ records, progress }: ConsumedBatch): Promise<void> {
      const payloads = records.map((record, index) =>
        encodeRecord(
          index < records.length - 1
            ? record
            : { ...record, headers: { ...record.headers, [PROGRESS]: JSON.stringify(progress) } },
        ),
      );
      const { first } = await journal.append(payloads);
      keep(first, payloads);
    },
  };
}

const sizeOf = (payloads: readonly Uint8Array[]): number =>
  payloads.reduce((bytes, { length }) => bytes + length, 0);

/** Undefined when the value is no event. */
function eventIdOf(value: Uint8Array): string | undefined {
  try {
    const head = readHead(value);
    return head.text(head.eventId);
  } catch {
    return undefined;
  }
}
