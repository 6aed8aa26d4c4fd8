/** Waits between attempts while the receiver is away: doubled from the first to the last, each shortened by up to half. */
const FIRST_MS = 1_000;
const LAST_MS = 60_000;
/** What a receiver may ask for at most. */
const MAX_ASKED_MS = 600_000;

/** Lets attempts through while the receiver answers; after a failure one at a time, each later than the one before. */
export class Circuit {
  #failures = 0;
  #notBefore = 0;
  #asked = 0;

  constructor(
    private readonly now: () => number = Date.now,
    private readonly random: () => number = Math.random,
  ) {}

  /** The receiver is thought to be away. */
  get open(): boolean {
    return this.#failures > 0;
  }

  /** Milliseconds until the next attempt may be made. */
  get waitMs(): number {
    const wait = this.#notBefore - this.now();
    // A clock that was set back must not hold everything.
    return wait > MAX_ASKED_MS ? 0 : Math.max(0, wait);
  }

  passed(): void {
    this.#failures = this.#notBefore = this.#asked = 0;
  }

  /** @param askedMs The receiver asked for this wait. */
  failed(askedMs = 0): void {
    const wait = Math.min(FIRST_MS * 2 ** this.#failures++, LAST_MS) * (1 - this.random() / 2);
    this.#asked = askedMs > 0 ? this.now() + Math.min(askedMs, MAX_ASKED_MS) : 0;
    this.#notBefore = Math.max(this.now() + wait, this.#asked);
  }

  /** Somebody has a reason to try now: what the receiver asked for still holds. */
  hurry(): void {
    this.#notBefore = this.#asked;
  }
}
