import { context } from '@opentelemetry/api';
import { ExportResultCode, suppressTracing, type ExportResult } from '@opentelemetry/core';
import type { BatchConfig } from '../config/resolve.js';
import type { SignalCounts } from '../stats.js';
import { warnOnce } from '../warn.js';

/** What spans and log records have in common at the way out. */
export interface BatchExporter<T> {
  export(items: T[], done: (result: ExportResult) => void): void;
  shutdown(): Promise<void>;
}

/**
 * A bounded queue in front of an exporter. A batch leaves when it is full or `delayMs` after its first item; one export is
 * under way at a time, so order holds and memory is bounded by `maxQueueSize + maxBatchSize`. Unlike the stock processors it
 * counts every item it has no room for, and it goes on at once while there are full batches.
 */
export class BatchQueue<T> {
  private items: T[] = [];
  private timer: NodeJS.Timeout | undefined;
  private running: Promise<void> | undefined;
  private inFlight = 0;
  private stopped = false;

  constructor(
    private readonly exporter: BatchExporter<T>,
    private readonly config: BatchConfig,
    private readonly counts: SignalCounts,
    private readonly what: string,
  ) {}

  add(item: T): void {
    if (this.stopped) {
      this.counts.drop('stopped');
    } else if (this.items.length >= this.config.maxQueueSize) {
      this.counts.drop('queue_full');
      warnOnce(
        `${this.what} are dropped: the queue of ${this.config.maxQueueSize.toString()} is full because the collector is slow or away; see stats()`,
      );
    } else {
      this.items.push(item);
      if (this.items.length >= this.config.maxBatchSize) this.start();
      else this.schedule();
    }
  }

  /** Resolves when everything added before has been exported, or has failed. */
  async flush(): Promise<void> {
    // What is added meanwhile does not prolong the flush.
    for (let left = this.inFlight + this.items.length; left > 0;) {
      this.start();
      left -= this.inFlight;
      await this.running;
    }
  }

  async shutdown(): Promise<void> {
    if (this.stopped) return;
    this.stopped = true;
    await this.flush();
    await this.exporter.shutdown();
  }

  private schedule(): void {
    if (this.timer !== undefined || this.running !== undefined) return;
    this.timer = setTimeout(() => {
      this.start();
    }, this.config.delayMs);
    this.timer.unref();
  }

  private start(): void {
    if (this.running === undefined) this.run();
  }

  private run(): void {
    clearTimeout(this.timer);
    this.timer = undefined;
    const batch = this.items.splice(0, this.config.maxBatchSize);
    this.inFlight = batch.length;
    this.running = this.send(batch).then(() => {
      this.running = undefined;
      this.inFlight = 0;
      if (this.items.length >= this.config.maxBatchSize) this.run();
      else if (this.items.length > 0) this.schedule();
    });
  }

  private async send(batch: T[]): Promise<void> {
    const result = await new Promise<ExportResult>((resolve) => {
      // An exporter that never answers must not stop the queue for good.
      const timer = setTimeout(() => {
        resolve({ code: ExportResultCode.FAILED, error: new Error('no answer in time') });
      }, this.config.exportTimeoutMs);
      timer.unref();
      const done = (answer: ExportResult) => {
        clearTimeout(timer);
        resolve(answer);
      };
      try {
        // The export's own HTTP and gRPC calls are not part of anybody's trace.
        context.with(suppressTracing(context.active()), () => {
          this.exporter.export(batch, done);
        });
      } catch (error) {
        done({ code: ExportResultCode.FAILED, error: error as Error });
      }
    });
    if (result.code === ExportResultCode.SUCCESS) {
      this.counts.exported += batch.length;
      return;
    }
    this.counts.drop('rejected', batch.length);
    warnOnce(
      `${this.what} could not be exported: ${result.error?.message ?? 'unknown error'}; counted in stats()`,
    );
  }
}
