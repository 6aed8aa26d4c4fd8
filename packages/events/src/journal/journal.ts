import { ObservabilityError } from '@unhinged/observability-core';

import { Appender } from './appender.js';
import { Cursors, type JournalCursor } from './cursor.js';
import { makeFolder } from './folder.js';
import type { JournalRecord } from './format.js';
import { lockFolder } from './lock.js';
import { type JournalOptions, resolveJournalOptions } from './options.js';
import { type ReadOptions, SegmentReader } from './reader.js';
import { Reserve } from './reserve.js';
import { Segments } from './segments.js';

/** What a journal did and holds. Counts start at `open`. */
export interface JournalStats {
  firstSequence: number;
  lastSequence: number;
  segments: number;
  bytes: number;
  capBytes: number;
  /** Records made durable. */
  appended: number;
  /** Group syncs that made them so. */
  syncs: number;
  /** Records and bytes that wait to be written. */
  queued: number;
  queuedBytes: number;
  /** Writes cut off by a crash, found at `open`. */
  torn: number;
  /** Damaged places met: each lost the record it hit and no other. */
  corrupt: number;
  /** Records refused (`journal_full`, `journal_write_failed`) and records removed before every consumer had read them. */
  dropped: Readonly<Record<string, number>>;
}

/**
 * The durable local log: an append is acknowledged when its bytes are on disk, consumers read by cursor, a segment is removed when every
 * cursor is past it. One owner a folder.
 */
export class Journal {
  readonly #options: Required<JournalOptions>;
  readonly #segments: Segments;
  readonly #cursors: Cursors;
  readonly #appender: Appender;
  readonly #reader: SegmentReader;
  readonly #unlock: () => Promise<void>;
  readonly #waiting = new Set<() => void>();
  #closed = false;

  private constructor(parts: {
    options: Required<JournalOptions>;
    segments: Segments;
    cursors: Cursors;
    unlock: () => Promise<void>;
  }) {
    this.#options = parts.options;
    this.#segments = parts.segments;
    this.#cursors = parts.cursors;
    this.#unlock = parts.unlock;
    this.#reader = new SegmentReader(parts.segments);
    this.#appender = new Appender(parts.segments, parts.cursors, parts.options, () => {
      this.#wake();
    });
    parts.cursors.attach({
      last: () => this.#segments.last,
      onCommit: () => {
        this.#appender.reclaim();
      },
    });
  }

  /**
   * Opens a journal and recovers what the last owner left: a torn tail is cut off, damage is skipped and counted.
   *
   * @throws ObservabilityError `bad_option`; `journal_locked` naming the process that owns the folder; `journal_version`;
   *   `journal_open_failed` with the cause.
   */
  static async open(options: JournalOptions): Promise<Journal> {
    const resolved = resolveJournalOptions(options);
    try {
      await makeFolder(resolved.dir);
      const unlock = await lockFolder(resolved.dir);
      return await Journal.#recover(resolved, unlock).catch(async (error: unknown) => {
        await unlock();
        throw error;
      });
    } catch (cause) {
      if (cause instanceof ObservabilityError) throw cause;
      throw new ObservabilityError(
        'journal_open_failed',
        `The journal in ${resolved.dir} cannot be opened: ${String(cause)}. It must be a folder that this process may write.`,
        { cause },
      );
    }
  }

  static async #recover(options: Required<JournalOptions>, unlock: () => Promise<void>): Promise<Journal> {
    const reserve = await Reserve.open(options.dir);
    const cursors = await Cursors.open(options.dir, reserve);
    const segments = await Segments.open(options.dir, cursors.highest, reserve);
    return new Journal({ options, segments, cursors, unlock });
  }

  /** Lowest sequence that may still be there. */
  get firstSequence(): number {
    return this.#segments.all[0]?.first ?? 1;
  }

  /** Highest durable sequence; 0 when nothing was ever appended. */
  get lastSequence(): number {
    return this.#segments.last;
  }

  /**
   * Appends records in order; resolves when all of them are durable, with their sequences. Appends that come at the same time share one
   * write and one sync.
   *
   * @throws ObservabilityError `journal_full` (try again later), `journal_write_failed` with the cause, `payload_too_large`,
   *   `journal_closed`. Then none of these records is in the journal.
   */
  append(payloads: readonly Uint8Array[]): Promise<{ first: number; last: number }> {
    return this.#appender.append(payloads);
  }

  /**
   * Durable records from a sequence on, in order: at most `maxRecords` (1,000) and about `maxBytes` (4 MiB). Empty when there are none yet.
   * Sequences may have gaps where records were lost; they never repeat.
   */
  read(options: ReadOptions): Promise<JournalRecord[]> {
    return this.#reader.read(options);
  }

  /** Reads on for ever, waking when something is appended; ends when the signal aborts or the journal closes. */
  async *follow(options: ReadOptions & { signal?: AbortSignal }): AsyncGenerator<JournalRecord[], void> {
    const { signal } = options;
    let { from } = options;
    while (!this.#closed && signal?.aborted !== true) {
      // Asked before reading, so that what is appended meanwhile is not slept through.
      const seen = this.lastSequence;
      const records = await this.read({ ...options, from });
      const last = records.at(-1);
      if (last !== undefined) {
        from = last.sequence + 1;
        yield records;
      } else if (seen === this.lastSequence) {
        await this.#appended(signal);
      }
    }
  }

  /** Registers a consumer under a name that it keeps across restarts. */
  cursor(name: string): JournalCursor {
    return this.#cursors.cursor(name);
  }

  /** Forgets a consumer: it holds nothing any more. */
  dropCursor(name: string): Promise<void> {
    return this.#cursors.drop(name);
  }

  stats(): JournalStats {
    return {
      firstSequence: this.firstSequence,
      lastSequence: this.lastSequence,
      segments: this.#segments.all.length,
      bytes: this.#segments.bytes,
      capBytes: this.#options.capBytes,
      ...this.#appender.stats(),
      torn: this.#segments.torn,
      corrupt: this.#reader.corrupt,
    };
  }

  /** Writes what is queued, then gives the folder back. */
  async close(): Promise<void> {
    if (this.#closed) return;
    this.#closed = true;
    this.#wake();
    await this.#cursors.close();
    await this.#appender.close();
    await this.#segments.close();
    await this.#unlock();
  }

  #wake(): void {
    for (const wake of this.#waiting) wake();
    this.#waiting.clear();
  }

  #appended(signal: AbortSignal | undefined): Promise<void> {
    return new Promise((resolve) => {
      if (this.#closed || signal?.aborted === true) {
        resolve();
        return;
      }
      const wake = (): void => {
        signal?.removeEventListener('abort', wake);
        this.#waiting.delete(wake);
        resolve();
      };
      this.#waiting.add(wake);
      signal?.addEventListener('abort', wake);
    });
  }
}
