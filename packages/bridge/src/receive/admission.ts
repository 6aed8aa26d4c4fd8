import type { Counters } from '../counters.js';
import { Refusal } from '../refusal.js';

/**
 * Bounds the bytes of all requests between their first byte and their answer. Who comes when the bound is reached is refused at
 * once: a queue would only turn overload into latency, and then into memory.
 */
export class Admission {
  readonly maxBytes: number;
  #inFlight = 0;

  constructor(maxBytes: number, counters: Counters) {
    this.maxBytes = maxBytes;
    counters.onCollect(() => {
      counters.set('in_flight_bytes', undefined, this.#inFlight);
    });
  }

  get inFlight(): number {
    return this.#inFlight;
  }

  enter(): Ticket {
    let held = 0;
    return {
      take: (bytes) => {
        if (this.#inFlight + bytes > this.maxBytes) {
          throw new Refusal(
            'overloaded',
            `The bridge has ${this.#inFlight} bytes of requests in flight, ${bytes} more exceed its limit of ${this.maxBytes}. ` +
              'Retry later, send smaller batches, or raise limits.inFlightBytes.',
          );
        }
        this.#inFlight += bytes;
        held += bytes;
      },
      leave: () => {
        this.#inFlight -= held;
        held = 0;
      },
    };
  }
}

/** What one request holds of the bound. */
export interface Ticket {
  /** @throws Refusal `overloaded` */
  take(bytes: number): void;
  leave(): void;
}
