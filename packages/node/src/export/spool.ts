import type { Journal, JournalCursor } from '@unhinged/events/journal';
import { join } from 'node:path';
import type { SignalCounts } from '../stats.js';
import { warnOnce } from '../warn.js';
import type { Delivery } from './delivery.js';
import type { Encoded } from './encode/split.js';
import { CONCURRENCY, MemoryOutbox, type Outbox } from './outbox.js';

/** Most bytes on disk of one signal. */
const CAP_BYTES = 256 * 1024 * 1024;
/** Processes that may share a folder: each takes the first place that is free, and with it what a dead one left there. */
const PLACES = 64;
const CURSOR = 'export';

/**
 * Requests on disk until the collector has them, also across restarts (at least once: what was under way when a process died is sent
 * again). While the folder is being opened requests wait in memory; when it cannot be had, they stay there.
 */
export class SpoolOutbox implements Outbox {
  private readonly early: Encoded[] = [];
  private readonly opened: Promise<void>;
  private fallback: MemoryOutbox | undefined;
  private journal: Journal | undefined;
  private cursor: JournalCursor | undefined;
  /** Highest sequence that an earlier process left: its records become ours when they are read. */
  private inherited = 0;
  private memoryItems = 0;
  private memoryBytes = 0;
  private writing = new Set<Promise<void>>();
  private loop: Promise<void> | undefined;
  private stopped = false;
  private readonly onProgress = new Set<() => void>();

  constructor(
    private readonly dir: string,
    readonly delivery: Delivery,
    private readonly counts: SignalCounts,
    private readonly what: string,
  ) {
    delivery.onFailure.add(() => {
      this.progress();
    });
    this.opened = this.open();
  }

  get items(): number {
    return this.memoryItems + (this.fallback?.items ?? 0);
  }

  get bytes(): number {
    return this.memoryBytes + (this.fallback?.bytes ?? 0);
  }

  push(request: Encoded): void {
    if (this.fallback !== undefined) {
      this.fallback.push(request);
      return;
    }
    this.memoryItems += request.count;
    this.memoryBytes += request.body.length;
    if (this.journal === undefined) this.early.push(request);
    else this.write(this.journal, request);
  }

  async drained(): Promise<void> {
    await this.opened;
    await this.fallback?.drained();
    await Promise.all(this.writing);
    const target = this.journal?.lastSequence ?? 0;
    // On disk it is safe: with the collector away there is nothing to wait for.
    while (!this.stopped && !this.delivery.away && (this.cursor?.position ?? target) < target) {
      await new Promise<void>((resolve) => this.onProgress.add(resolve));
    }
  }

  nudge(): void {
    this.delivery.nudge();
  }

  disconnect(): void {
    this.delivery.disconnect();
  }

  /** What is on disk stays there, for the next start. */
  async stop(): Promise<void> {
    await this.opened;
    await Promise.all(this.writing);
    this.stopped = true;
    if (this.fallback === undefined) this.delivery.stop();
    else await this.fallback.stop();
    this.progress();
    await this.loop;
    await this.journal?.close();
  }

  private async open(): Promise<void> {
    try {
      const journal = await openPlace(this.dir);
      this.inherited = journal.lastSequence;
      this.cursor = journal.cursor(CURSOR);
      this.journal = journal;
      for (const request of this.early.splice(0)) this.write(journal, request);
      this.kick();
    } catch (error) {
      warnOnce(`${this.what} are not spooled to '${this.dir}' and wait in memory: ${String(error)}`);
      this.fallback = new MemoryOutbox(this.delivery, this.counts);
      this.memoryItems = 0;
      this.memoryBytes = 0;
      for (const request of this.early.splice(0)) this.fallback.push(request);
    }
  }

  private write(journal: Journal, request: Encoded): void {
    const written = journal
      .append([encodeEntry(request)])
      .then(() => {
        this.kick();
      })
      .catch((error: unknown) => {
        this.counts.drop('spool_full', request.count);
        warnOnce(`${this.what} are dropped: the spool in '${this.dir}' takes no more: ${String(error)}`);
      })
      .finally(() => {
        this.memoryItems -= request.count;
        this.memoryBytes -= request.body.length;
        this.writing.delete(written);
      });
    this.writing.add(written);
  }

  private kick(): void {
    if (this.stopped || this.journal === undefined || this.cursor === undefined) return;
    this.loop ??= this.run(this.journal, this.cursor)
      .catch((error: unknown) => {
        warnOnce(`${this.what} cannot be read from the spool in '${this.dir}': ${String(error)}`);
      })
      .finally(() => {
        this.loop = undefined;
        this.progress();
      });
  }

  private async run(journal: Journal, cursor: JournalCursor): Promise<void> {
    while (!this.isStopped()) {
      // Asked before reading: what is appended meanwhile was not looked for.
      const last = journal.lastSequence;
      const records = await journal.read({ from: cursor.position + 1, maxRecords: CONCURRENCY });
      if (records.length === 0) {
        if (cursor.position >= journal.lastSequence) return;
        // Sequences that a crash or damage took: nothing will ever be read there.
        await cursor.commit(last);
        continue;
      }
      const sent = await Promise.all(
        records.map(async ({ sequence, payload }) => {
          const entry = decodeEntry(payload);
          if (sequence <= this.inherited) this.counts.created += entry.count;
          return { sequence, left: await this.delivery.deliver(entry) };
        }),
      );
      const unfinished = sent.find(({ left }) => left > 0);
      const done = unfinished === undefined ? sent.at(-1)?.sequence : unfinished.sequence - 1;
      if (done !== undefined && done > cursor.position) await cursor.commit(done);
      this.progress();
    }
  }

  // A method, since control flow analysis does not see that it changes during an await.
  private isStopped(): boolean {
    return this.stopped;
  }

  private progress(): void {
    for (const resolve of this.onProgress) resolve();
    this.onProgress.clear();
  }
}

async function openPlace(dir: string): Promise<Journal> {
  // Loaded when it is wanted: a process without a spool does not pay for it.
  const { Journal } = await import('@unhinged/events/journal');
  for (let place = 0; ; place++) {
    try {
      return await Journal.open({
        dir: join(dir, place.toString()),
        capBytes: CAP_BYTES,
        // What does not fit is refused and counted, and never makes the program wait.
        onFull: 'block',
        blockMs: 0,
      });
    } catch (error) {
      if ((error as { code?: string }).code !== 'journal_locked' || place + 1 >= PLACES) throw error;
    }
  }
}

/** Four bytes for the number of records, then the request. */
function encodeEntry({ body, count }: Encoded): Uint8Array {
  const entry = Buffer.allocUnsafe(4 + body.length);
  entry.writeUInt32LE(count, 0);
  entry.set(body, 4);
  return entry;
}

function decodeEntry(payload: Uint8Array): Encoded {
  const view = new DataView(payload.buffer, payload.byteOffset, payload.byteLength);
  return { count: view.getUint32(0, true), body: payload.subarray(4) };
}
