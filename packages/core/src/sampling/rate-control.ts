/** Weight of the last second in the forecast of the next. */
const NEWEST = 0.5;
/** Factors are rounded down to this grid, so that thresholds stay few and do not flicker. */
const STEPS_PER_OCTAVE = 8;

/**
 * Holds what is kept near a number a second by one factor on all rates. The factor for a second comes from the load of the seconds
 * before, and is halved within it each time that twice the target was kept. Every decision takes the factor that stood before it, so
 * that its recorded threshold is the true one and weighted sums stay unbiased.
 */
export class RateControl {
  readonly #perSecond: number;
  #second = Number.NaN;
  /** What would have been kept in this second at factor 1, and was kept. */
  #wanted = 0;
  #kept = 0;
  /** Forecast of `#wanted`. */
  #load = 0;
  #factor = 1;

  /** @param perSecond 0: no bound, the factor is always 1 */
  constructor(perSecond: number) {
    this.#perSecond = perSecond;
  }

  /** Above 0, at most 1. */
  factor(nowMs: number): number {
    if (this.#perSecond === 0) return 1;
    const second = Math.floor(nowMs / 1_000);
    if (second !== this.#second) this.#turn(second);
    return this.#factor;
  }

  /** One decision at rate `rate` (before the factor). */
  count(rate: number, kept: boolean): void {
    if (this.#perSecond === 0) return;
    this.#wanted += rate;
    if (!kept) return;
    this.#kept += 1;
    if (this.#kept > 2 * this.#perSecond) {
      this.#kept = 0;
      this.#factor /= 2;
    }
  }

  #turn(second: number): void {
    const passed = second - this.#second;
    // Not a number at the start; a clock that was set back starts anew without forgetting the load.
    if (passed > 0) {
      const before = this.#load + NEWEST * (this.#wanted - this.#load);
      this.#load = before * (1 - NEWEST) ** Math.min(passed - 1, 64);
    }
    this.#second = second;
    this.#wanted = 0;
    this.#kept = 0;
    const wanted = this.#load > this.#perSecond ? this.#perSecond / this.#load : 1;
    this.#factor = 2 ** (Math.floor(Math.log2(wanted) * STEPS_PER_OCTAVE) / STEPS_PER_OCTAVE);
  }
}
