import { writeSync } from 'node:fs';
import { within } from '../exit.js';
import { ByteWriter } from '../export/encode/byte-writer.js';
import type { SignalCounts } from '../stats.js';
import { warnOnce } from '../warn.js';

/** Bytes that leave at once, without waiting for the end of the turn. */
const FULL = 64 * 1024;
/** Bytes that wait for a reader who does not read; what comes beyond is dropped. */
const MAX_WAITING = 4 * 1024 * 1024;
/** Written to a pipe at once or not at all (POSIX, PIPE_BUF), so that a line of somebody else never falls into one of ours. */
const PIPE_BUF = 4_096;
const FIRST_RETRY_MS = 5;
const LAST_RETRY_MS = 100;
/** Longest wait for a slow reader when the process ends. */
const END_MS = 2_000;

export interface LineWriterOptions {
  /** A pipe, a socket or a terminal: not everything may fit at once. */
  isStream: boolean;
  /** True while somebody else waits to write to the same place, whose half of a line must not be torn. */
  isTaken?: () => boolean;
}

/**
 * Writes lines to a file descriptor: those of a turn of the event loop together at its end, so that a line costs no system call. When a
 * reader is slow, lines wait, up to 4 MiB of them; waiting neither blocks the process nor holds it. Never throws.
 */
export class LineWriter {
  private readonly lines = new ByteWriter(2 * FULL);
  /** Where each line ends. */
  private ends: number[] = [];
  /** Where the line that is being written begins. */
  private start = 0;
  /** Lines and bytes that have been taken. */
  private taken = 0;
  private from = 0;
  private isScheduled = false;
  private retryMs = 0;
  private isClosed = false;
  private waiting: (() => void)[] = [];

  constructor(
    private readonly fd: number,
    private readonly counts: SignalCounts,
    private readonly options: LineWriterOptions,
  ) {}

  /** Takes a line, which ends with a line break. */
  add(line: string): void {
    const writer = this.begin();
    if (writer === undefined) return;
    writer.utf8(line);
    this.commit();
  }

  /** Where to write a line, line break included, before {@link commit}; undefined when nobody reads it any more. */
  begin(): ByteWriter | undefined {
    this.counts.created += 1;
    if (this.isClosed) {
      this.counts.drop('closed');
      return undefined;
    }
    this.start = this.lines.pos;
    return this.lines;
  }

  commit(): void {
    const { lines, start } = this;
    if (lines.pos - this.from > MAX_WAITING && start > this.from) {
      lines.pos = start;
      this.counts.drop('queue_full');
      warnOnce(
        'lines for the console are dropped: whoever reads stdout has stopped reading; see stats().console',
      );
      return;
    }
    this.ends.push(lines.pos);
    if (this.retryMs > 0) return;
    if (lines.pos >= FULL) this.drain();
    else if (!this.isScheduled) {
      this.isScheduled = true;
      setImmediate(this.onTurn);
    }
  }

  /** Writes what can be written now. */
  drain(): void {
    if (this.retryMs > 0) return;
    if (!this.writeAll()) this.retryLater();
  }

  /** Resolves when all lines so far are written or dropped, at the latest after 2 s. Never rejects. */
  async flush(): Promise<void> {
    this.drain();
    if (this.retryMs === 0) return;
    const written = new Promise<void>((resolve) => {
      this.waiting.push(resolve);
    });
    await within(END_MS, written);
  }

  /** The end of the process: waits, blocking, for a slow reader, at most 2 s. What is left then is dropped. */
  end(): void {
    const deadline = Date.now() + END_MS;
    while (!this.writeAll(true)) {
      if (Date.now() >= deadline) {
        this.drop('exit');
        return;
      }
      Atomics.wait(sleeper, 0, 0, FIRST_RETRY_MS);
    }
  }

  private readonly onTurn = (): void => {
    this.isScheduled = false;
    this.drain();
  };

  private retryLater(): void {
    this.retryMs = Math.min(this.retryMs * 2 || FIRST_RETRY_MS, LAST_RETRY_MS);
    setTimeout(() => {
      if (this.writeAll()) {
        this.retryMs = 0;
        for (const resolve of this.waiting.splice(0)) resolve();
      } else this.retryLater();
    }, this.retryMs).unref();
  }

  /** False when something is left that can be written later. */
  private writeAll(isLast = false): boolean {
    while (this.from < this.lines.pos) {
      if (!isLast && this.options.isTaken?.() === true) return false;
      try {
        this.writeSome();
        // A reader that is there again shall not wait as long.
        if (this.retryMs > 0) this.retryMs = FIRST_RETRY_MS;
      } catch (error) {
        const { code } = error as NodeJS.ErrnoException;
        if (code === 'EAGAIN') return false;
        if (code === 'EPIPE' || code === 'EBADF') {
          this.isClosed = true;
          this.drop('closed');
          return true;
        }
        this.drop('failed');
        warnOnce(`lines for the console are dropped: ${String(error)}; see stats().console`);
        return true;
      }
    }
    return true;
  }

  private writeSome(): void {
    const end = this.options.isStream ? this.endOfPiece() : this.lines.pos;
    this.from += writeSync(this.fd, this.lines.written(this.from, end));
    const { ends, taken, from } = this;
    let now = taken;
    while (now < ends.length && (ends[now] ?? 0) <= from) now++;
    this.counts.exported += now - taken;
    this.taken = now;
    if (from === this.lines.pos) this.clear();
    else if (from >= FULL && from >= this.lines.pos / 2) this.forget();
  }

  /** As many lines as go into a write that is not cut; at least one. */
  private endOfPiece(): number {
    const { ends, from } = this;
    let at = this.taken;
    while ((ends[at + 1] ?? Infinity) - from <= PIPE_BUF) at++;
    return ends[at] ?? this.lines.pos;
  }

  private clear(): void {
    this.lines.reset();
    this.ends = [];
    this.taken = 0;
    this.from = 0;
  }

  /** Of a reader that is slow all the time, the room for what it has read. */
  private forget(): void {
    const { from } = this;
    this.lines.forget(from);
    this.ends = this.ends.slice(this.taken).map((end) => end - from);
    this.taken = 0;
    this.from = 0;
  }

  private drop(reason: 'closed' | 'failed' | 'exit'): void {
    const left = this.ends.length - this.taken;
    if (left > 0) this.counts.drop(reason, left);
    this.clear();
  }
}

const sleeper = new Int32Array(new SharedArrayBuffer(4));
