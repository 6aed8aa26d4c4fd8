import type { BatchConfig } from '../config/resolve.js';
import { within } from '../exit.js';
import type { SignalCounts } from '../stats.js';
import { warnOnce } from '../warn.js';
import type { Builder } from './builders.js';
import type { Outbox } from './outbox.js';

/** Most encoded bytes of one signal in memory, beside the limit in records. */
export const MAX_QUEUE_BYTES = 32 * 1024 * 1024;
/** So many records wait as they are. In one go each costs less than in the middle of the host's own work: docs/decisions/0012. */
const MAX_WAITING = 64;
/** A request leaves at this size even with fewer records: gRPC servers refuse 4 MiB by default. */
const MAX_REQUEST_BYTES = 2 * 1024 * 1024;

/**
 * The open request of a signal: records are encoded as they come, those that will not change up to 64 at a time; a request leaves when it
 * is full or `delayMs` after its first record. At most `maxQueueSize` records and 32 MiB of encoded ones wait or are under way; what comes
 * beyond is dropped and counted, so that what was accepted is never taken back and the beginning of an outage is kept.
 */
export class Batcher<T> {
  /** Records of the open request, those that wait to be encoded included. */
  private open = 0;
  private readonly waiting: (T | undefined)[] = [];
  private waitingCount = 0;
  private timer: NodeJS.Timeout | undefined;
  private stopped: Promise<void> | undefined;
  private sealing: Promise<void> | undefined;

  constructor(
    private readonly builder: Builder<T>,
    readonly outbox: Outbox,
    private readonly config: BatchConfig,
    private readonly counts: SignalCounts,
    private readonly what: string,
    /** Whether the record will stay as it is, and may be read later. */
    private readonly canWait: (record: T) => boolean = () => false,
  ) {}

  add(record: T): void {
    if (this.stopped !== undefined) {
      this.counts.drop('stopped');
      return;
    }
    const { maxQueueSize, maxBatchSize, delayMs } = this.config;
    if (
      this.open + this.outbox.items >= maxQueueSize ||
      this.builder.size + this.outbox.bytes >= MAX_QUEUE_BYTES
    ) {
      this.counts.drop('queue_full');
      warnOnce(
        `${this.what} are dropped: the queue of ${maxQueueSize.toString()} is full because the collector is slow or away; see stats()`,
      );
      return;
    }
    this.open += 1;
    if (this.canWait(record)) {
      this.waiting[this.waitingCount++] = record;
      if (this.waitingCount === MAX_WAITING) this.encodeWaiting();
    } else {
      this.encodeWaiting();
      this.encode(record);
    }
    if (this.open >= maxBatchSize || this.builder.size >= MAX_REQUEST_BYTES) this.seal();
    else if (this.timer === undefined) {
      this.timer = setTimeout(this.onDelay, delayMs);
      this.timer.unref();
    }
  }

  /** Resolves when everything added before has an outcome, at the latest after `exportTimeoutMs`. Never rejects. */
  async flush(): Promise<void> {
    this.seal();
    await within(
      this.config.exportTimeoutMs,
      (async () => {
        await this.sealing;
        this.outbox.nudge();
        await this.outbox.drained();
      })(),
    );
  }

  /** Flushes and ends. Never rejects. */
  shutdown(): Promise<void> {
    this.stopped ??= this.flush().then(() => this.end());
    return this.stopped;
  }

  /** Ends without waiting: what is left is dropped, or stays in the spool. */
  async end(): Promise<void> {
    this.stopped ??= Promise.resolve();
    this.push();
    await this.outbox.stop();
  }

  private readonly onDelay = (): void => {
    this.seal();
  };

  /** In the order in which they came. */
  private encodeWaiting(): void {
    const { waiting } = this;
    for (let index = 0; index < this.waitingCount; index++) {
      const record = waiting[index];
      if (record !== undefined) this.encode(record);
      waiting[index] = undefined;
    }
    this.waitingCount = 0;
  }

  private encode(record: T): void {
    try {
      this.builder.add(record);
    } catch (error) {
      this.open -= 1;
      this.counts.drop('failed');
      warnOnce(`${this.what} that cannot be read are dropped: ${String(error)}; see stats()`);
    }
  }

  private seal(): void {
    this.encodeWaiting();
    clearTimeout(this.timer);
    this.timer = undefined;
    if (this.open === 0 || this.sealing !== undefined) return;
    // Attributes that are still being detected belong to the resource of the first request too.
    const pending = this.builder.pending();
    if (pending === undefined) this.push();
    else {
      this.sealing = pending.then(() => {
        this.sealing = undefined;
        this.push();
      });
    }
  }

  private push(): void {
    this.encodeWaiting();
    if (this.open === 0) return;
    const count = this.open;
    this.open = 0;
    this.outbox.push({ body: this.builder.take(), count });
  }
}
