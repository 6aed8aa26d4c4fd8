import type { EventRecord } from '@unhinged/events';
import type { ResourceGroup } from './wire/items.js';
import type { Signal } from './wire/schema.js';

/** One export request as it came in: protobuf, uncompressed. */
export interface Batch {
  signal: Signal;
  bytes: Uint8Array;
}

/** What was decided about a batch. Nothing is stored yet. */
export interface EventBatch {
  signal: Signal;
  /** One a stored item, in the order of the request. */
  records: EventRecord[];
  /** Spans, metrics or log records of the request. */
  items: number;
  rejected: Rejections;
  /** The request's own slices, for sinks that look into the items. */
  groups: readonly ResourceGroup[];
}

/** Answer to a batch whose accepted part is durable: OTLP's partial success. */
export interface Outcome {
  /** Spans, data points (not metrics) or log records. */
  rejected: number;
  /** Why, for people; empty when nothing was rejected. */
  message: string;
}

/** Items that cannot be taken, by reason. */
export class Rejections {
  #count = 0;
  readonly #reasons = new Map<string, { count: number; message: string }>();

  /** @param message Said once per reason: the first item it is true of. */
  add(reason: string, message: string, count = 1): void {
    this.#count += count;
    const seen = this.#reasons.get(reason);
    if (seen) seen.count += count;
    else this.#reasons.set(reason, { count, message });
  }

  get reasons(): { reason: string; count: number }[] {
    return [...this.#reasons].map(([reason, { count }]) => ({ reason, count }));
  }

  outcome(): Outcome {
    const message = [...this.#reasons.values()]
      .map(({ count, message }) => `${count} rejected: ${message}`)
      .join('; ');
    return { rejected: this.#count, message };
  }
}
