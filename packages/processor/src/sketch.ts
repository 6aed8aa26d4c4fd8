/** What {@link Sketch.toJSON} gives: buckets as a flat list of index, count, index, count… in ascending index. */
export interface SketchState {
  zero: number;
  buckets: number[];
}

/** Guaranteed relative error of every quantile. */
export const RELATIVE_ERROR = 0.01;

const GAMMA = (1 + RELATIVE_ERROR) / (1 - RELATIVE_ERROR);
const LOG_GAMMA = Math.log(GAMMA);
/** One nanosecond in milliseconds: what is below counts as zero. */
const SMALLEST = 1e-6;
/** 11 days in milliseconds: what is above counts as this. Keeps a sketch below 1,750 buckets without ever merging them. */
const LARGEST = 1e9;

/**
 * Quantiles of non-negative numbers (here: milliseconds) within 1 % of the true value, from logarithmic buckets: bucket i holds
 * what is in (γ^(i−1), γ^i], γ = (1 + α) / (1 − α), and answers with 2γ^i / (γ + 1). Two sketches merge without loss. After
 * DDSketch (Masson, Rim, Lee: "DDSketch: a fast and fully-mergeable quantile sketch with relative-error guarantees",
 * PVLDB 12(12), 2019).
 */
export class Sketch {
  #zero = 0;
  #count = 0;
  readonly #buckets = new Map<number, number>();

  static fromJSON(state: SketchState): Sketch {
    const sketch = new Sketch();
    sketch.#zero = state.zero;
    sketch.#count = state.zero;
    for (let i = 0; i + 1 < state.buckets.length; i += 2) {
      sketch.#put(state.buckets[i] ?? 0, state.buckets[i + 1] ?? 0);
    }
    return sketch;
  }

  /** Numbers taken in. */
  get count(): number {
    return this.#count;
  }

  /** Takes in one number that stands for `weight`; negative numbers and NaN count as zero. */
  add(value: number, weight = 1): void {
    if (!(value >= SMALLEST)) {
      this.#zero += weight;
      this.#count += weight;
      return;
    }
    this.#put(Math.ceil(Math.log(Math.min(value, LARGEST)) / LOG_GAMMA), weight);
  }

  /** Takes in all that the other holds; the result is the same as if every number had been added here. */
  merge(other: Sketch): void {
    this.#zero += other.#zero;
    this.#count += other.#zero;
    for (const [index, count] of other.#buckets) this.#put(index, count);
  }

  /**
   * The number at rank ⌈qn⌉ (nearest rank), within 1 %; 0 when nothing was added. DDSketch's own ⌊1 + q(n − 1)⌋ would hide the one slow request
   * of five from their p99.
   *
   * @param q 0 to 1.
   */
  quantile(q: number): number {
    return this.quantiles([q])[0] ?? 0;
  }

  /** {@link quantile} of several `q` in ascending order, in one pass. */
  quantiles(qs: readonly number[]): number[] {
    const sorted = [...this.#buckets].sort(([a], [b]) => a - b);
    let next = 0;
    let seen = this.#zero;
    let value = 0;
    return qs.map((q) => {
      // Weights are no whole numbers, so their sum may miss the count by a rounding.
      const rank = Math.min(Math.max(1, Math.ceil(q * this.#count)), this.#count * (1 - 1e-12));
      while (seen < rank) {
        const bucket = sorted[next++];
        if (bucket === undefined) break;
        value = (2 * GAMMA ** bucket[0]) / (GAMMA + 1);
        seen += bucket[1];
      }
      return value;
    });
  }

  toJSON(): SketchState {
    return { zero: this.#zero, buckets: [...this.#buckets].sort(([a], [b]) => a - b).flat() };
  }

  #put(index: number, count: number): void {
    this.#buckets.set(index, (this.#buckets.get(index) ?? 0) + count);
    this.#count += count;
  }
}
