import type { Journal } from '@unhinged/events/journal';
import type { Counters } from '../counters.js';
import { followJournal, type Follower } from './follow-journal.js';
import type { ConsoleStore } from './store/console-store.js';

/** More than the store holds: reading older records at the start would only cost time. */
const MAX_REPLAY = 200_000;

export interface StoreFeed extends Follower {
  /** True once what was in the journal at the start has been read. */
  readonly caughtUp: boolean;
}

/** Fills the console's store from what the journal still has, then with everything new. */
export function startStoreFeed(journal: Journal, store: ConsoleStore, counters: Counters): StoreFeed {
  const until = journal.lastSequence;
  const follower = followJournal(journal, {
    consumer: 'console',
    after: Math.max(journal.firstSequence - 1, until - MAX_REPLAY, 0),
    counters,
    take: (records) => {
      for (const { record } of records) store.add(record);
    },
  });
  return {
    get position() {
      return follower.position;
    },
    get lastError() {
      return follower.lastError;
    },
    get caughtUp() {
      return follower.position >= until;
    },
    reached: follower.reached,
    stop: follower.stop,
  };
}
