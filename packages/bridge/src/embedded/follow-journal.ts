import { setTimeout as sleep } from 'node:timers/promises';
import type { EventRecord } from '@unhinged/events';
import { decodeRecord, type Journal } from '@unhinged/events/journal';
import type { Counters } from '../counters.js';

/** One record of the journal, decoded. `value` is a view of a shared buffer: copy what is kept. */
export interface Followed {
  sequence: number;
  record: EventRecord;
}

export interface FollowOptions {
  /** Names the consumer in counters. */
  consumer: string;
  /** Highest sequence that is done with; reading starts behind it. */
  after: number;
  /** Takes records in order. When it throws, it gets the same records again after a pause. */
  take: (records: readonly Followed[]) => Promise<void> | void;
  counters: Counters;
}

export interface Follower {
  /** Highest sequence taken. */
  readonly position: number;
  /** Why the last try failed; null when it did not. */
  readonly lastError: string | null;
  /** Resolves once everything up to `sequence` was taken, or the follower was stopped. */
  reached: (sequence: number) => Promise<void>;
  /** Resolves when `take` is done for the last time. */
  stop: () => Promise<void>;
}

const FIRST_PAUSE_MS = 100;
const LAST_PAUSE_MS = 5_000;
/** Records taken in one go. Everything here shares one event loop, and the receivers must not wait. */
const MAX_RECORDS = 256;

/** Reads the journal for one consumer, for ever. Records that cannot be decoded are counted and left out. */
export function followJournal(journal: Journal, options: FollowOptions): Follower {
  const { consumer, take, counters } = options;
  const stopping = new AbortController();
  const { signal } = stopping;
  const waiting = new Set<{ sequence: number; resolve: () => void }>();
  let position = options.after;
  let lastError: string | null = null;
  let pauseMs = FIRST_PAUSE_MS;

  const wake = () => {
    for (const waiter of waiting) {
      if (waiter.sequence > position && !signal.aborted) continue;
      waiting.delete(waiter);
      waiter.resolve();
    }
  };
  const read = async () => {
    for await (const batch of journal.follow({ from: position + 1, maxRecords: MAX_RECORDS, signal })) {
      const records: Followed[] = [];
      for (const { sequence, payload } of batch) {
        try {
          records.push({ sequence, record: decodeRecord(payload) });
        } catch {
          counters.add('undecodable_records_total', { consumer });
        }
      }
      await take(records);
      position = batch.at(-1)?.sequence ?? position;
      pauseMs = FIRST_PAUSE_MS;
      lastError = null;
      wake();
      await new Promise(setImmediate);
    }
  };
  const run = async () => {
    while (!signal.aborted) {
      try {
        await read();
        // The journal was closed: nothing comes any more.
        return;
      } catch (error) {
        lastError = error instanceof Error ? error.message : String(error);
        counters.add('consumer_errors_total', { consumer });
        await sleep(pauseMs, undefined, { signal }).catch(ended);
        pauseMs = Math.min(pauseMs * 2, LAST_PAUSE_MS);
      }
    }
  };
  const running = run();

  return {
    get position() {
      return position;
    },
    get lastError() {
      return lastError;
    },
    reached: (sequence) =>
      new Promise((resolve) => {
        waiting.add({ sequence, resolve });
        wake();
      }),
    stop: async () => {
      stopping.abort();
      await running;
      wake();
    },
  };
}

/** A wait that the signal cuts short is over, too. */
const ended = () => undefined;
