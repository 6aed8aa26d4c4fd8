import { ObservabilityError } from '@unhinged/observability-core';

import type { Cursors } from './cursor.js';
import { HEADER_BYTES, MAX_PAYLOAD_BYTES, RECORD_BYTES, writeRecord } from './format.js';
import type { JournalOptions } from './options.js';
import { isDiskFull } from './reserve.js';
import type { Segments } from './segments.js';

/** The most that one write and sync takes; more waits for the next. */
const GROUP_BYTES = 8 * 1024 * 1024;

interface Pending {
  payloads: readonly Uint8Array[];
  bytes: number;
  /** Time, on a clock that nobody sets, by which it must have begun to be written when the journal is full. */
  deadline: number;
  resolve: (range: { first: number; last: number }) => void;
  reject: (error: Error) => void;
}

/** Collects appends, writes them in groups, keeps to the cap. */
export class Appender {
  readonly #segments: Segments;
  readonly #cursors: Cursors;
  readonly #options: Required<JournalOptions>;
  readonly #onAppend: () => void;
  readonly #queue: Pending[] = [];
  #queuedBytes = 0;
  #appended = 0;
  #syncs = 0;
  readonly #dropped = new Map<string, number>();
  #running: Promise<void> | undefined;
  #closed = false;
  /** Resolves the wait for space. */
  #spaceFreed: (() => void) | undefined;
  /** How often consumers moved on. */
  #moves = 0;

  constructor(segments: Segments, cursors: Cursors, options: Required<JournalOptions>, onAppend: () => void) {
    this.#segments = segments;
    this.#cursors = cursors;
    this.#options = options;
    this.#onAppend = onAppend;
  }

  async append(payloads: readonly Uint8Array[]): Promise<{ first: number; last: number }> {
    const bytes = payloads.reduce((sum, { length }) => sum + length + RECORD_BYTES, 0);
    if (this.#closed) this.#refuse('journal_closed', 'The journal is closed.', payloads.length);
    if (payloads.some(({ length }) => length > MAX_PAYLOAD_BYTES)) {
      this.#refuse(
        'payload_too_large',
        `A journal record holds at most ${MAX_PAYLOAD_BYTES} bytes.`,
        payloads.length,
      );
    }
    // Asked before anything is removed to make room for it.
    if (bytes > this.#options.capBytes - HEADER_BYTES) {
      this.#refuse(
        'payload_too_large',
        `${bytes} bytes at once do not fit into a journal of ${this.#options.capBytes}.`,
        payloads.length,
      );
    }
    if (payloads.length === 0) return { first: this.#segments.next, last: this.#segments.next - 1 };
    if (this.#queuedBytes > 0 && this.#queuedBytes + bytes > this.#options.queueBytes) {
      this.#refuse(
        'journal_full',
        'Too much waits to be written to the journal. Try again later.',
        payloads.length,
      );
    }
    return new Promise((resolve, reject) => {
      this.#queue.push({
        payloads,
        bytes,
        deadline: performance.now() + this.#options.blockMs,
        resolve,
        reject,
      });
      this.#queuedBytes += bytes;
      this.#running ??= this.#run();
    });
  }

  /** Consumers moved on: removes what nobody needs any more and wakes appends that wait for space. */
  reclaim(): void {
    this.#moves++;
    this.#spaceFreed?.();
    if (this.#segments.all.length > 1) this.#running ??= this.#run();
  }

  stats(): {
    appended: number;
    syncs: number;
    queued: number;
    queuedBytes: number;
    dropped: Record<string, number>;
  } {
    return {
      appended: this.#appended,
      syncs: this.#syncs,
      queued: this.#queue.reduce((sum, { payloads }) => sum + payloads.length, 0),
      queuedBytes: this.#queuedBytes,
      dropped: Object.fromEntries(this.#dropped),
    };
  }

  async close(): Promise<void> {
    this.#closed = true;
    this.#spaceFreed?.();
    await this.#running;
  }

  async #run(): Promise<void> {
    // Appends of the same tick belong to the same group.
    await Promise.resolve();
    // A segment that could not be removed is tried again with the next append.
    await this.#removeConsumed().catch(() => false);
    while (this.#queue.length > 0) {
      const group = this.#nextGroup();
      try {
        await this.#write(group);
      } catch (error) {
        for (const { payloads, reject } of group) {
          const failure =
            error instanceof ObservabilityError
              ? error
              : new ObservabilityError(
                  'journal_write_failed',
                  `The journal could not be written: ${String(error)}`,
                  {
                    cause: error,
                  },
                );
          this.#count(failure.code, payloads.length);
          reject(failure);
        }
      }
      for (const { bytes } of group) this.#queuedBytes -= bytes;
    }
    this.#running = undefined;
  }

  #nextGroup(): Pending[] {
    // Not beyond a segment, so that a group fits under the cap as soon as one consumed segment goes.
    const limit = Math.min(GROUP_BYTES, this.#options.segmentBytes);
    let bytes = 0;
    let count = 0;
    for (const pending of this.#queue) {
      if (count > 0 && bytes + pending.bytes > limit) break;
      bytes += pending.bytes;
      count++;
    }
    return this.#queue.splice(0, count);
  }

  async #write(group: readonly Pending[]): Promise<void> {
    const deadline = group[0]?.deadline ?? 0;
    for (;;) {
      try {
        await this.#writeOnce(group, deadline);
        return;
      } catch (error) {
        // A full disk is like a full journal: what can go makes room.
        if (!isDiskFull(error) || !(await this.#freeDisk(deadline))) throw error;
      }
    }
  }

  async #writeOnce(group: readonly Pending[], deadline: number): Promise<void> {
    const size = group.reduce((sum, { bytes }) => sum + bytes, 0);
    await this.#makeRoom(size, deadline);
    if (this.#segments.active.bytes >= this.#options.segmentBytes) {
      await this.#segments.roll();
      await this.#removeConsumed();
    }
    const buffer = Buffer.allocUnsafe(size);
    let offset = 0;
    let sequence = this.#segments.next - 1;
    const ranges = group.map(({ payloads }) => {
      const first = sequence + 1;
      for (const payload of payloads) {
        offset = writeRecord(buffer, offset, { sequence: ++sequence, payload }, this.#segments.salt);
      }
      return { first, last: sequence };
    });
    await this.#segments.write(buffer, sequence);
    this.#syncs++;
    for (const [index, range] of ranges.entries()) {
      this.#appended += range.last - range.first + 1;
      group[index]?.resolve(range);
    }
    this.#onAppend();
  }

  /** Gives space back to a full disk, or waits for consumers to. False when there is nothing to give, or no time left. */
  async #freeDisk(deadline: number): Promise<boolean> {
    const moves = this.#moves;
    const { active, last } = this.#segments;
    const lowest = this.#cursors.lowest ?? 0;
    const dropping = this.#options.onFull === 'drop-oldest';
    // Only closed segments can go.
    const activeCanGo = last >= active.first && (lowest >= last || dropping);
    if (this.#segments.all.length === 1 && activeCanGo) await this.#segments.roll({ reserve: true });
    if (await this.#removeConsumed(Infinity)) return true;
    if (dropping && (await this.#dropOldest())) return true;
    if (moves !== this.#moves) return true;
    const left = deadline - performance.now();
    if (left <= 0 || this.#closed) return false;
    await this.#untilSpace(left);
    return true;
  }

  /** Removes the oldest segment, read or not. False when it is the one that is written to. */
  async #dropOldest(): Promise<boolean> {
    const oldest = this.#segments.all[0];
    if (oldest === undefined || oldest === this.#segments.active) return false;
    const last = await this.#segments.findLast(oldest).catch(() => this.#segments.lastOf(oldest));
    this.#countUnread(oldest.first, last);
    await this.#segments.remove(oldest);
    return true;
  }

  /** Waits, or removes, until `size` more bytes fit under the cap. */
  async #makeRoom(size: number, deadline: number): Promise<void> {
    const { capBytes, onFull } = this.#options;
    while (this.#segments.bytes + size > capBytes) {
      const moves = this.#moves;
      // Only closed segments can go: close one that is in the way.
      if (this.#segments.all.length === 1 && this.#segments.last >= this.#segments.active.first)
        await this.#segments.roll();
      if (await this.#removeConsumed(size)) continue;
      if (onFull === 'drop-oldest' && (await this.#dropOldest())) continue;
      // A consumer moved on while we looked: nobody would wake us for it.
      if (moves !== this.#moves) continue;
      const left = deadline - performance.now();
      if (left <= 0 || this.#closed) {
        throw new ObservabilityError(
          'journal_full',
          `The journal holds ${this.#segments.bytes} of ${capBytes} bytes that its consumers have not read. Try again later.`,
        );
      }
      await this.#untilSpace(left);
    }
  }

  #untilSpace(ms: number): Promise<void> {
    return new Promise((resolve) => {
      const done = (): void => {
        clearTimeout(timer);
        this.#spaceFreed = undefined;
        resolve();
      };
      const timer = setTimeout(done, ms);
      this.#spaceFreed = done;
    });
  }

  /**
   * Removes segments that every consumer is past, the oldest first. `retainBytes` of them stay, unless the space is needed.
   *
   * @returns Whether something was removed.
   */
  async #removeConsumed(needed = 0): Promise<boolean> {
    const { capBytes, retainBytes } = this.#options;
    const lowest = this.#cursors.lowest;
    let removed = false;
    for (;;) {
      const oldest = this.#segments.all[0];
      if (oldest === undefined || oldest === this.#segments.active || lowest === undefined) return removed;
      if (this.#segments.lastOf(oldest) > lowest) return removed;
      const full = this.#segments.bytes + needed > capBytes;
      if (!full && this.#segments.bytes - oldest.bytes < retainBytes) return removed;
      await this.#segments.remove(oldest);
      removed = true;
    }
  }

  /** What a removed segment took from each consumer. */
  #countUnread(first: number, last: number): void {
    for (const name of this.#cursors.names) {
      const unread = last - Math.max(first - 1, this.#cursors.position(name));
      if (unread > 0) this.#count(`dropped_oldest:${name}`, unread);
    }
    if (this.#cursors.names.length === 0) this.#count('dropped_oldest', last - first + 1);
  }

  #refuse(code: string, message: string, records: number): never {
    this.#count(code, records);
    throw new ObservabilityError(code, message);
  }

  #count(reason: string, records: number): void {
    this.#dropped.set(reason, (this.#dropped.get(reason) ?? 0) + records);
  }
}
