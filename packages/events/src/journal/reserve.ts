import { open, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';

const BYTES = 64 * 1024;

/** No space left, or a quota is reached. */
export const isDiskFull = (error: unknown): boolean =>
  ['ENOSPC', 'EDQUOT'].includes((error as NodeJS.ErrnoException).code ?? '');

/**
 * A file of 64 KiB whose space is given back when the disk is full: consumers' cursors are written in it, and a new segment begun, so that what
 * was consumed can be removed. A full disk would otherwise stay full.
 */
export class Reserve {
  readonly #path: string;
  #held: boolean;

  private constructor(path: string, held: boolean) {
    this.#path = path;
    this.#held = held;
  }

  static async open(dir: string): Promise<Reserve> {
    const path = join(dir, 'reserve');
    const size = await stat(path).then(
      ({ size }) => size,
      () => 0,
    );
    const reserve = new Reserve(path, size >= BYTES);
    await reserve.refill().catch(() => undefined);
    return reserve;
  }

  /** Does the work; when the disk is full, once more with the reserve. */
  async use<T>(work: () => Promise<T>): Promise<T> {
    try {
      return await work();
    } catch (error) {
      if (!isDiskFull(error) || !this.#held) throw error;
      this.#held = false;
      await rm(this.#path, { force: true });
      return work();
    }
  }

  /** Takes the space again. @throws when there is none, which comes before any append. */
  async refill(): Promise<void> {
    if (this.#held) return;
    try {
      const file = await open(this.#path, 'w');
      try {
        // Not a hole: the bytes are what it is for.
        await file.writeFile(Buffer.alloc(BYTES, 0x55));
      } finally {
        await file.close();
      }
      this.#held = true;
    } catch (error) {
      await rm(this.#path, { force: true }).catch(() => undefined);
      throw error;
    }
  }
}
