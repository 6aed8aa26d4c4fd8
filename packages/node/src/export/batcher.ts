import type { BatchConfig } from '../config/resolve.js';
import { within } from '../exit.js';
import type { SignalCounts } from '../stats.js';
import { warnOnce } from '../warn.js';
import type { Builder } from './builders.js';
import type { Outbox } from './outbox.js';

/** Most encoded bytes of one signal in memory, beside the limit in records. */
export const MAX_QUEUE_BYTES = 32 * 1024 * 1024;
/** A request leaves at this size even with fewer records: gRPC servers refuse 4 MiB by default. */
const MAX_REQUEST_BYTES = 2 * 1024 * 1024;

/**
 * The open request of a signal: records are encoded as they come, a request leaves when it is full or `delayMs` after its first
 * record. At most `maxQueueSize` records and 32 MiB wait or are under way; what comes beyond is dropped and counted, so that what was
 * accepted is never taken back and the beginning of an outage is kept.
 */
export class Batcher<T> {
  private open = 0;
  private timer: NodeJS.Timeout | undefined;
  private stopped: Promise<void> | undefined;
  private sealing: Promise<void> | undefined;

  constructor(
    private readonly builder: Builder<T>,
    readonly outbox: Outbox,
    private readonly config: BatchConfig,
    private readonly counts: SignalCounts,
    private readonly what: string,
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
    try {
      this.builder.add(record);
    } catch (error) {
      this.counts.drop('failed');
      warnOnce(`${this.what} that cannot be read are dropped: ${String(error)}; see stats()`);
      return;
    }
    this.open += 1;
    if (this.open >= maxBatchSize || this.builder.size >= MAX_REQUEST_BYTES) this.seal();
    else if (this.timer === undefined) {
      this.timer = setTimeout(() => {
        this.seal();
      }, delayMs);
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

  private seal(): void {
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
    if (this.open === 0) return;
    const count = this.open;
    this.open = 0;
    this.outbox.push({ body: this.builder.take(), count });
  }
}
