import { join } from 'node:path';

import { readNumber, writeNumber } from './number-file.js';

/**
 * Sequences reserved at a time: 1,024 at first, twice as many each time. Few writes when there is much to write, and a gap that is no
 * larger than what was written, since consumers measure how far they are behind by sequence.
 */
const FIRST_AHEAD = 1_024;
const MOST_AHEAD = 65_536;

/**
 * The highest sequence that may have been given out, on disk before it is used: whatever happens to the segments, no sequence is
 * given out twice.
 */
export class HighWater {
  readonly #path: string;
  #upTo: number;
  #ahead = FIRST_AHEAD;

  private constructor(path: string, upTo: number) {
    this.#path = path;
    this.#upTo = upTo;
  }

  static async open(dir: string): Promise<HighWater> {
    const path = join(dir, 'high-water');
    return new HighWater(path, (await readNumber(path)) ?? 0);
  }

  get upTo(): number {
    return this.#upTo;
  }

  /** Resolves when sequences up to `last` may be given out. */
  async reserve(last: number): Promise<void> {
    if (last <= this.#upTo) return;
    await this.#write(last + this.#ahead);
    this.#ahead = Math.min(this.#ahead * 2, MOST_AHEAD);
  }

  /** Gives back what was reserved and not used, so that an orderly end leaves no gap. */
  async release(last: number): Promise<void> {
    if (last < this.#upTo) await this.#write(last);
  }

  async #write(upTo: number): Promise<void> {
    await writeNumber(this.#path, upTo);
    this.#upTo = upTo;
  }
}
