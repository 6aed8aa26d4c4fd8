import { eventsOfOtlp, type EventBatch, type EventIdentity } from '@unhinged/events/otlp';
import { ObservabilityError, Sequence, uuidv7 } from '@unhinged/observability-core';
import type { Batch } from '../batch.js';
import type { Counters } from '../counters.js';
import { Refusal } from '../refusal.js';

/** Makes events of export requests. One a bridge start: its sequence numbers say what was lost behind it. */
export class Decider {
  readonly #identity = numbered(new Sequence());
  readonly #counters: Counters;
  readonly #maxEventBytes: number;
  readonly #now: () => number;

  /**
   * @param options.maxEventBytes Most bytes that the events of one request may have: see `OtlpOptions`.
   * @param options.now Unix milliseconds. Default `Date.now`.
   */
  constructor(counters: Counters, options: { maxEventBytes: number; now?: () => number }) {
    this.#counters = counters;
    this.#maxEventBytes = options.maxEventBytes;
    this.#now = options.now ?? Date.now;
  }

  /**
   * No item is taken when it throws.
   *
   * @throws WireError when the bytes are not the signal's export request.
   * @throws Refusal `too_large`
   */
  decide({ signal, bytes }: Batch): EventBatch {
    const counters = this.#counters;
    try {
      return eventsOfOtlp(signal, bytes, {
        identity: this.#identity,
        nowMs: this.#now(),
        maxEventBytes: this.#maxEventBytes,
        onRepair: (what) => {
          counters.add('repaired_items_total', { signal, what });
        },
        onNoDestination: () => {
          counters.add('dropped_items_total', { signal, reason: 'no_destination' });
        },
      });
    } catch (error) {
      if (error instanceof ObservabilityError && error.code === 'too_large') {
        throw new Refusal('too_large', error.message, { cause: error });
      }
      throw error;
    }
  }
}

const numbered = (sequence: Sequence): EventIdentity => ({
  emitterId: sequence.emitterId,
  nextSequence: () => sequence.next(),
  eventId: () => uuidv7(),
});
