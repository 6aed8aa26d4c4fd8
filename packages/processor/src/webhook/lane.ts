import { setTimeout as sleep } from 'node:timers/promises';
import type { AlertTransition } from '../alert.js';

export interface LaneOptions {
  timeoutMs: number;
  giveUpMs: number;
  maxQueued: number;
  firstRetryMs: number;
  lastRetryMs: number;
  consoleUrl: string;
  now: () => number;
  random: () => number;
}

/** Why an alert did not reach a webhook. */
export type DropReason = 'queue_full' | 'gave_up' | 'refused' | 'closed';

/** What came of one try. */
export type Attempt = { kind: 'delivered' } | { kind: 'refused' | 'failed'; reason: string; waitMs?: number };

/**
 * The alerts for one URL, one at a time and in order: an alert is tried until it is delivered, refused for good or too old, and
 * only then the next has its turn. So `resolved` never overtakes `firing`.
 */
export class Lane {
  readonly url: string;
  readonly #options: LaneOptions;
  readonly #post: (url: string, alert: AlertTransition, signal: AbortSignal) => Promise<Attempt>;
  readonly #queue: { alert: AlertTransition; sinceMs: number }[] = [];
  readonly #stop = new AbortController();
  readonly #dropped: Partial<Record<DropReason, number>> = {};
  #delivered = 0;
  #retries = 0;
  #lastError: string | null = null;
  #running: Promise<void> | undefined;

  constructor(
    url: string,
    options: LaneOptions,
    post: (url: string, alert: AlertTransition, signal: AbortSignal) => Promise<Attempt>,
  ) {
    this.url = url;
    this.#options = options;
    this.#post = post;
  }

  push(alert: AlertTransition): void {
    if (this.#stop.signal.aborted) {
      this.#drop('closed');
      return;
    }
    if (this.#queue.length >= this.#options.maxQueued) {
      this.#drop('queue_full');
      return;
    }
    this.#queue.push({ alert, sinceMs: this.#options.now() });
    this.#running ??= this.#run().finally(() => {
      this.#running = undefined;
    });
  }

  get waiting(): AlertTransition[] {
    return this.#queue.map(({ alert }) => alert);
  }

  get stats() {
    return {
      delivered: this.#delivered,
      retries: this.#retries,
      queued: this.#queue.length,
      dropped: { ...this.#dropped },
      lastError: this.#lastError,
    };
  }

  /** Waits up to `graceMs` for the queue to empty, then gives up what is left, and gives it back. */
  async close(graceMs: number): Promise<AlertTransition[]> {
    const cut = setTimeout(() => {
      this.#stop.abort();
    }, graceMs);
    await this.#running;
    clearTimeout(cut);
    this.#stop.abort();
    return this.#queue.splice(0).map(({ alert }) => {
      this.#drop('closed');
      return alert;
    });
  }

  async #run(): Promise<void> {
    for (let next = this.#queue[0]; next && !this.#stop.signal.aborted; next = this.#queue[0]) {
      if (await this.#deliver(next.alert, next.sinceMs + this.#options.giveUpMs)) this.#queue.shift();
    }
  }

  /** True when the alert is dealt with, false when the lane was stopped. */
  async #deliver(alert: AlertTransition, deadlineMs: number): Promise<boolean> {
    const { firstRetryMs, lastRetryMs, now, random } = this.#options;
    for (let retryMs = firstRetryMs; ; retryMs = Math.min(retryMs * 2, lastRetryMs)) {
      const attempt = await this.#post(this.url, alert, this.#stop.signal);
      if (attempt.kind === 'delivered') {
        this.#delivered++;
        this.#lastError = null;
        return true;
      }
      if (this.#stop.signal.aborted) return false;
      this.#lastError = attempt.reason;
      if (attempt.kind === 'refused') {
        this.#drop('refused');
        return true;
      }
      // Full jitter, so that receivers that come back are not met by everybody at once.
      const waitMs = Math.max(retryMs * random(), attempt.waitMs ?? 0);
      if (now() + waitMs > deadlineMs) {
        this.#drop('gave_up');
        return true;
      }
      this.#retries++;
      await sleep(waitMs, undefined, { signal: this.#stop.signal }).catch(ended);
    }
  }

  #drop(reason: DropReason): void {
    this.#dropped[reason] = (this.#dropped[reason] ?? 0) + 1;
  }
}

/** A wait that the signal cuts short is over, too. */
const ended = () => undefined;
