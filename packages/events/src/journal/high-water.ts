import { join } from 'node:path';

import { readNumber, writeNumber } from './number-file.js';

/** Sequences reserved at a time: few writes, and a gap that is nothing beside 2^53. */
const AHEAD = 65_536;

/**
 * The highest sequence that may have been given out, on disk before it is used: whatever happens to the segments, no sequence is
 * given out twice.
 */
export class HighWater {
  readonly #path: string;
  #upTo: number;

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
    if (last > this.#upTo) await this.#write(last + AHEAD);
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
