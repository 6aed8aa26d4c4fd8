import { resolve } from 'node:path';
import { ObservabilityError } from '@unhinged/observability-core';
import { Batch } from './commit/batch.js';
import { Committer, type CommitStep } from './commit/committer.js';
import type { Compression } from './commit/parquet-writer.js';
import { eventRows, type SkipReason } from './rows/event-rows.js';
import type { TableName } from './schema.js';

export interface LakeOptions {
  /** Folder of the lake; created when missing. One lake at a time may write to it. */
  dir: string;
  /** Rows that start a commit. Default 100,000: smaller Parquet files are larger in sum and slower to read. */
  flushRows?: number;
  /** Bytes of rows that start a commit, and about half of what is held in memory at most. Default 64 MiB. */
  flushBytes?: number;
  /** Milliseconds after which a row is committed at the latest. Default 60,000. */
  flushMs?: number;
  /** Default snappy, which every reader has; zstd takes 40 % less room. */
  compression?: Compression;
  /** Told at every step of a commit. */
  onStep?: (step: CommitStep) => void;
}

/** One record: the sequence it has in the journal, its event type (`log_entry`, `span`, `metric`) and its protobuf bytes. */
export interface LakeInput {
  sequence: number;
  eventType: string;
  value: Uint8Array;
}

/** One commit that is durable and visible. */
export interface LakeCommit {
  sequence: number;
  rows: Record<TableName, number>;
}

export interface LakeStats {
  committedSequence: number;
  /** Rows in the lake, of all times. */
  rows: Record<TableName, number>;
  pendingRows: number;
  pendingBytes: number;
  lastCommitMs: number | null;
  commits: number;
  /** Commits that failed and were, or will be, tried again. */
  failures: number;
  /** Why the last try failed; null when it did not. */
  lastFailure: string | null;
  /** Inputs without rows, by reason. */
  skipped: Partial<Record<SkipReason, number>>;
}

export interface Lake {
  /** Every input up to this sequence is in Parquet, or was not for the lake. 0 at first. */
  readonly committed: number;
  /**
   * Takes inputs in ascending sequence; what is not above the last one is ignored. Resolves when all are held, which waits
   * for a commit while too much is held. They are durable when `committed` has reached them.
   *
   * @throws ObservabilityError `lake_closed`.
   */
  append(inputs: readonly LakeInput[]): Promise<void>;
  /**
   * Commits everything appended before. Resolves with `committed`.
   *
   * @throws ObservabilityError `lake_write_failed` with the cause; the rows are kept and tried again.
   */
  flush(): Promise<number>;
  /** Calls the listener after every commit. Returns what ends that. */
  onCommit(listener: (commit: LakeCommit) => void): () => void;
  stats(): LakeStats;
  /** Flushes and closes. Closed even when the flush fails, with that error. */
  close(): Promise<void>;
}

/** Inputs that are decoded in one go; the event loop is free in between. */
const SLICE = 128;
const FIRST_RETRY_MS = 100;
const LAST_RETRY_MS = 30_000;

/**
 * Opens a lake, finishing or undoing what a crash left.
 *
 * @throws ObservabilityError `lake_unusable` when the folder cannot be made or written, `lake_corrupt`.
 */
export async function openLake(options: LakeOptions): Promise<Lake> {
  const resolved = {
    flushRows: 100_000,
    flushBytes: 64 * 1024 * 1024,
    flushMs: 60_000,
    compression: 'snappy' as const,
    onStep: () => undefined,
    ...withoutUndefined(options),
    dir: resolve(options.dir),
  };
  try {
    return new DuckDBLake(resolved, await Committer.open(resolved.dir, resolved));
  } catch (cause) {
    if (cause instanceof ObservabilityError) throw cause;
    throw new ObservabilityError(
      'lake_unusable',
      `The lake at ${options.dir} cannot be opened: ${reason(cause)}. It needs a folder that this user may write to.`,
      { cause },
    );
  }
}

class DuckDBLake implements Lake {
  readonly #options: Required<LakeOptions>;
  readonly #committer: Committer;
  readonly #listeners = new Set<(commit: LakeCommit) => void>();
  readonly #skipped: Partial<Record<SkipReason, number>> = {};
  /** What is appended to. */
  #filling = new Batch();
  /** What is being committed; stays until it is, however often that fails. */
  #frozen: Batch | undefined;
  #attempt: Promise<void> | undefined;
  #accepted: number;
  #appends: Promise<unknown> = Promise.resolve();
  #timer: NodeJS.Timeout | undefined;
  #retryMs = FIRST_RETRY_MS;
  #roomListeners: (() => void)[] = [];
  #commits = 0;
  #failures = 0;
  #lastFailure: string | null = null;
  #closing: Promise<void> | undefined;

  constructor(options: Required<LakeOptions>, committer: Committer) {
    this.#options = options;
    this.#committer = committer;
    this.#accepted = committer.last.sequence;
  }

  get committed(): number {
    return this.#committer.last.sequence;
  }

  append(inputs: readonly LakeInput[]): Promise<void> {
    const done = this.#appends.then(() => this.#take(inputs));
    this.#appends = done.catch(() => undefined);
    return done;
  }

  async flush(): Promise<number> {
    if (this.#closing) throw closed();
    return this.#commitAll();
  }

  onCommit(listener: (commit: LakeCommit) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  stats(): LakeStats {
    const { sequence, totalRows, committedAtMs } = this.#committer.last;
    return {
      committedSequence: sequence,
      rows: { ...totalRows },
      pendingRows: this.#filling.rows + (this.#frozen?.rows ?? 0),
      pendingBytes: this.#filling.bytes + (this.#frozen?.bytes ?? 0),
      lastCommitMs: committedAtMs === 0 ? null : committedAtMs,
      commits: this.#commits,
      failures: this.#failures,
      lastFailure: this.#lastFailure,
      skipped: { ...this.#skipped },
    };
  }

  close(): Promise<void> {
    this.#closing ??= this.#close();
    return this.#closing;
  }

  async #close(): Promise<void> {
    // Whoever waits for room gives up; what was taken until then is flushed.
    this.#announceRoom();
    try {
      await this.#commitAll();
    } finally {
      clearTimeout(this.#timer);
      this.#committer.close();
    }
  }

  async #take(inputs: readonly LakeInput[]): Promise<void> {
    for (const [index, input] of inputs.entries()) {
      if (index % SLICE === SLICE - 1) await new Promise(setImmediate);
      while (this.#isFull() && !this.#closing) await this.#makeRoom();
      if (this.#closing) throw closed();
      this.#takeOne(input);
    }
  }

  #takeOne({ sequence, eventType, value }: LakeInput): void {
    if (sequence <= this.#accepted) {
      this.#skip('already_seen');
      return;
    }
    this.#accepted = sequence;
    const rows = eventRows(eventType, value);
    const outcome = typeof rows === 'string' ? rows : this.#filling.add(rows);
    if (outcome !== 'added') this.#skip(outcome);
    this.#filling.sequence = sequence;
    // A failed commit has a timer of its own.
    if (this.#timer === undefined) this.#schedule(this.#options.flushMs);
  }

  #skip(reason: SkipReason, count = 1): void {
    this.#skipped[reason] = (this.#skipped[reason] ?? 0) + count;
  }

  #isFull(): boolean {
    return this.#filling.rows >= this.#options.flushRows || this.#filling.bytes >= this.#options.flushBytes;
  }

  /** Starts the commit of a full batch, or waits for the one before it. */
  async #makeRoom(): Promise<void> {
    if (this.#frozen === undefined) {
      void this.#commitNext().catch(() => undefined);
      return;
    }
    await new Promise<void>((resolve) => this.#roomListeners.push(resolve));
  }

  #announceRoom(): void {
    for (const listener of this.#roomListeners.splice(0)) listener();
  }

  async #commitAll(): Promise<number> {
    await this.#appends;
    const until = this.#accepted;
    // A batch that is frozen may be durable and still not visible.
    while (this.#frozen !== undefined || this.committed < until) await this.#commitNext();
    return this.committed;
  }

  /** Commits the next batch, or joins the commit that is under way. */
  #commitNext(): Promise<void> {
    this.#attempt ??= this.#tryCommit().finally(() => {
      this.#attempt = undefined;
    });
    return this.#attempt;
  }

  async #tryCommit(): Promise<void> {
    if (this.#frozen === undefined) {
      this.#frozen = this.#filling;
      this.#filling = new Batch();
    }
    const batch = this.#frozen;
    clearTimeout(this.#timer);
    this.#timer = undefined;
    let rows: Record<TableName, number>;
    try {
      rows = await this.#committer.commit(batch);
    } catch (cause) {
      this.#failures++;
      this.#lastFailure = reason(cause);
      this.#schedule(this.#retryMs);
      this.#retryMs = Math.min(this.#retryMs * 2, LAST_RETRY_MS);
      throw new ObservabilityError(
        'lake_write_failed',
        `The lake at ${this.#options.dir} could not be written: ${reason(cause)}. Nothing of it is visible, ${batch.rows} rows are kept and tried again.`,
        { cause },
      );
    }
    this.#frozen = undefined;
    this.#commits++;
    this.#lastFailure = null;
    this.#retryMs = FIRST_RETRY_MS;
    const written = Object.values(rows).reduce((sum, count) => sum + count, 0);
    if (written < batch.rows) this.#skip('rejected', batch.rows - written);
    if (this.#filling.sequence > 0) this.#schedule(this.#options.flushMs);
    this.#announceRoom();
    for (const listener of this.#listeners) listener({ sequence: batch.sequence, rows });
  }

  #schedule(ms: number): void {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => void this.#commitNext().catch(() => undefined), ms);
    this.#timer.unref();
  }
}

const closed = (): ObservabilityError => new ObservabilityError('lake_closed', 'The lake is closed.');

const reason = (cause: unknown): string => (cause instanceof Error ? cause.message : String(cause));

function withoutUndefined<T extends object>(options: T): T {
  return Object.fromEntries(Object.entries(options).filter(([, value]) => value !== undefined)) as T;
}
