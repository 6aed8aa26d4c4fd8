import type { SignalCounts } from '../stats.js';
import type { Delivery } from './delivery.js';
import type { Encoded } from './encode/split.js';

/** Exports of one signal under way at a time: three signals stay below the 16 streams of a connection. */
export const CONCURRENCY = 5;

/** Encoded requests on their way to the collector. */
export interface Outbox {
  /** Records and bytes that it holds in memory, those under way included. */
  readonly items: number;
  readonly bytes: number;
  /** Who delivers; to be asked how that goes. */
  readonly delivery: Delivery;
  push(request: Encoded): void;
  /** Resolves when everything pushed before has left. */
  drained(): Promise<void>;
  /** Tries at once, should the collector be thought away. */
  nudge(): void;
  /** Gives up the connection and what is under way on it. */
  disconnect(): void;
  /** Ends; what is left in memory is counted as dropped. */
  stop(): Promise<void>;
}

interface Entry {
  request: Encoded;
  settle: () => void;
}

/** In memory. The pushing side heeds the bounds: what is in here was accepted and stays until it has an outcome. */
export class MemoryOutbox implements Outbox {
  items = 0;
  bytes = 0;
  private waiting: Entry[] = [];
  private readonly outstanding = new Set<Promise<void>>();
  private active = 0;

  constructor(
    readonly delivery: Delivery,
    private readonly counts: SignalCounts,
  ) {}

  push(request: Encoded): void {
    this.items += request.count;
    this.bytes += request.body.length;
    const settled = new Promise<void>((settle) => this.waiting.push({ request, settle }));
    this.outstanding.add(settled);
    void settled.then(() => this.outstanding.delete(settled));
    this.pump();
  }

  async drained(): Promise<void> {
    await Promise.all(this.outstanding);
  }

  nudge(): void {
    this.delivery.nudge();
  }

  disconnect(): void {
    this.delivery.disconnect();
  }

  async stop(): Promise<void> {
    const left = this.waiting;
    this.waiting = [];
    for (const entry of left) this.settle(entry, entry.request.count);
    this.delivery.stop();
    await this.drained();
  }

  private pump(): void {
    while (this.active < CONCURRENCY) {
      const entry = this.waiting.shift();
      if (entry === undefined) return;
      this.active += 1;
      void this.delivery.deliver(entry.request).then((left) => {
        this.active -= 1;
        this.settle(entry, left);
        this.pump();
      });
    }
  }

  private settle({ request, settle }: Entry, left: number): void {
    this.items -= request.count;
    this.bytes -= request.body.length;
    if (left > 0) this.counts.drop('exit', left);
    settle();
  }
}

/**
 * Resolves when every outbox that holds something has failed again, twice where the collector was not thought away before: then it is
 * no hiccup. Only ever used at the end of a program.
 */
export function collectorsAway(outboxes: readonly Outbox[]): Promise<void> {
  return new Promise((resolve) => {
    const marks = outboxes.map((outbox) => ({
      outbox,
      from: outbox.delivery.failures + (outbox.delivery.away ? 1 : 2),
    }));
    const look = () => {
      if (marks.every(({ outbox, from }) => outbox.items === 0 || outbox.delivery.failures >= from))
        resolve();
    };
    for (const { delivery } of outboxes) delivery.onFailure.add(look);
  });
}
