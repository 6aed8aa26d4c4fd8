import type { Journal } from '@unhinged/events/journal';
import { ObservabilityError } from '@unhinged/observability-core';
import type { Lake } from '@unhinged/observability-lake';
import type { Counters } from '../counters.js';
import { followJournal } from './follow-journal.js';
import { resolveForLake } from './source-maps/lake-stacks.js';
import type { SourceMapStore } from './source-maps/source-map-store.js';

export interface LakeFeed {
  /** Highest sequence that the lake holds, in memory at least. */
  readonly position: number;
  readonly lastError: string | null;
  /**
   * Resolves when everything that is in the journal now is in Parquet.
   *
   * @throws ObservabilityError `lake_write_failed`, `flush_timeout`.
   */
  flush: () => Promise<void>;
  /** Brings the lake up to the end of the journal if that is soon done, then stops reading. The lake stays open. */
  stop: () => Promise<void>;
}

const FLUSH_TIMEOUT_MS = 120_000;
/** What the lake does not get in this time at the end, it gets from the journal after the next start. */
const STOP_TIMEOUT_MS = 5_000;

/**
 * Moves the journal into the lake. What the lake has committed is what counts, because it was committed together with the rows; the
 * journal's cursor follows it and only tells the journal what may go.
 *
 * @throws ObservabilityError `journal_behind_lake` when the journal is not the one that the lake was filled from.
 */
export async function startLakeFeed(
  journal: Journal,
  lake: Lake,
  counters: Counters,
  sourceMaps: SourceMapStore,
): Promise<LakeFeed> {
  if (lake.committed > journal.lastSequence) {
    throw new ObservabilityError(
      'journal_behind_lake',
      `The lake holds the journal up to sequence ${lake.committed}, but the journal ends at ${journal.lastSequence}: it was ` +
        'removed or replaced. Put it back, or move the folder "lake" away to begin a new one.',
    );
  }
  const cursor = journal.cursor('lake');
  let committing = Promise.resolve();
  const commit = () => {
    committing = cursor.commit(lake.committed).catch(() => {
      // Nothing is lost: the journal keeps more than it needs to until the next commit.
      counters.add('cursor_errors_total', { consumer: 'lake' });
    });
  };
  commit();
  await committing;
  const unsubscribe = lake.onCommit(commit);
  const follower = followJournal(journal, {
    consumer: 'lake',
    after: lake.committed,
    counters,
    take: async (records) => {
      const inputs = records.map(({ sequence, record: { eventType, value } }) => ({
        sequence,
        eventType,
        value,
      }));
      await lake.append(await resolveForLake(inputs, sourceMaps));
    },
  });
  const flush = async (timeoutMs: number) => {
    await withTimeout(follower.reached(journal.lastSequence), timeoutMs);
    await lake.flush();
    await committing;
  };
  return {
    get position() {
      return follower.position;
    },
    get lastError() {
      return follower.lastError;
    },
    flush: () => flush(FLUSH_TIMEOUT_MS),
    stop: async () => {
      // A lake that cannot be written says so when it is closed.
      await flush(STOP_TIMEOUT_MS).catch(() => undefined);
      await follower.stop();
      unsubscribe();
      await committing;
    },
  };
}

async function withTimeout(work: Promise<void>, ms: number): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => {
      reject(
        new ObservabilityError(
          'flush_timeout',
          `The lake did not catch up with the journal in ${ms / 1000} s.`,
        ),
      );
    }, ms);
  });
  try {
    await Promise.race([work, late]);
  } finally {
    clearTimeout(timer);
  }
}
