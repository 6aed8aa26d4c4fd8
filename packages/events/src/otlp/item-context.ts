import type { Rejections } from './rejections.js';

/** Who the events are from, and what each is called. */
export interface EventIdentity {
  /** Empty when the events are not numbered. */
  readonly emitterId: string;
  /** Strictly increasing; 0 when the events are not numbered. */
  nextSequence(): bigint;
  /** @param index Place of the item in its request, rejected ones counted. */
  eventId(index: number): string;
}

/** What the makers of events need to know besides the item. */
export interface ItemContext {
  identity: EventIdentity;
  /** Place of the present item in its request. */
  index: number;
  nowNano: bigint;
  rejected: Rejections;
  /** Something in an item could not be read and was replaced: `bad_flags`, `bad_ids`, `bad_time`. */
  onRepair: (what: string) => void;
  /** A log line that none of our destinations wants: accepted, not stored. */
  onNoDestination: () => void;
}
