import { writeSync } from 'node:fs';
import { within } from '../exit.js';
import type { SignalCounts } from '../stats.js';
import { warnOnce } from '../warn.js';

/** Text that leaves at once, without waiting for the end of the turn. */
const FULL = 64 * 1024;
/** Text that waits for a reader who does not read; what comes beyond is dropped. */
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
  private text = '';
  /** Where each line of `text` ends. */
  private ends: number[] = [];
  /** Lines and characters of `text` that have been taken. */
  private taken = 0;
  private from = 0;
  /** Of a write that was cut short. */
  private rest: Uint8Array | undefined;
  private restLines = 0;
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
    this.counts.created += 1;
    if (this.isClosed) {
      this.counts.drop('closed');
      return;
    }
    if (this.text.length - this.from + line.length > MAX_WAITING && this.text !== '') {
      this.counts.drop('queue_full');
      warnOnce(
        'lines for the console are dropped: whoever reads stdout has stopped reading; see stats().console',
      );
      return;
    }
    this.text += line;
    this.ends.push(this.text.length);
    if (this.retryMs > 0) return;
    if (this.text.length >= FULL) this.drain();
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
    while (this.rest !== undefined || this.from < this.text.length) {
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
    if (this.rest !== undefined) {
      const written = writeSync(this.fd, this.rest);
      this.rest = this.rest.subarray(written);
      if (this.rest.length > 0) return;
      this.rest = undefined;
      this.counts.exported += this.restLines;
      return;
    }
    const lines = this.options.isStream ? this.linesOfPiece() : this.ends.length - this.taken;
    const end = this.ends[this.taken + lines - 1] ?? this.text.length;
    const piece = this.from === 0 && end === this.text.length ? this.text : this.text.slice(this.from, end);
    const written = writeSync(this.fd, piece);
    this.take(lines, end);
    if (written === piece.length || written === Buffer.byteLength(piece)) {
      this.counts.exported += lines;
    } else {
      this.rest = Buffer.from(piece).subarray(written);
      this.restLines = lines;
    }
  }

  /** As many as go into a write that is not cut; at least one. */
  private linesOfPiece(): number {
    let lines = 1;
    while ((this.ends[this.taken + lines] ?? Infinity) - this.from <= PIPE_BUF) lines++;
    return lines;
  }

  private take(lines: number, end: number): void {
    this.taken += lines;
    this.from = end;
    if (end < this.text.length) return;
    this.text = '';
    this.ends = [];
    this.taken = 0;
    this.from = 0;
  }

  private drop(reason: 'closed' | 'failed' | 'exit'): void {
    const left = this.ends.length - this.taken + (this.rest === undefined ? 0 : this.restLines);
    if (left > 0) this.counts.drop(reason, left);
    this.rest = undefined;
    this.take(0, this.text.length);
  }
}

const sleeper = new Int32Array(new SharedArrayBuffer(4));
