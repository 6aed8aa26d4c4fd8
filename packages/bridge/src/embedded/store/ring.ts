/** A queue bounded in items and bytes; what is oldest goes first. */
export class Ring<T> {
  readonly #maxItems: number;
  readonly #maxBytes: number;
  #items: { value: T; bytes: number }[] = [];
  /** Items before this index are gone; the array is cut when they are many, since cutting it each time would be slow. */
  #start = 0;
  #bytes = 0;
  #evicted = 0;

  constructor(maxItems: number, maxBytes: number) {
    this.#maxItems = maxItems;
    this.#maxBytes = maxBytes;
  }

  get size(): number {
    return this.#items.length - this.#start;
  }

  get bytes(): number {
    return this.#bytes;
  }

  /** Items that had to go since the start. */
  get evicted(): number {
    return this.#evicted;
  }

  push(value: T, bytes: number): void {
    this.#items.push({ value, bytes });
    this.#bytes += bytes;
    while (this.size > 1 && (this.size > this.#maxItems || this.#bytes > this.#maxBytes)) this.#evict();
  }

  /** From the newest to the oldest. */
  *newestFirst(): Generator<T> {
    for (let i = this.#items.length - 1; i >= this.#start; i--) {
      const item = this.#items[i];
      if (item !== undefined) yield item.value;
    }
  }

  #evict(): void {
    this.#bytes -= this.#items[this.#start]?.bytes ?? 0;
    this.#start++;
    this.#evicted++;
    if (this.#start < 1_024 || this.#start * 2 < this.#items.length) return;
    this.#items = this.#items.slice(this.#start);
    this.#start = 0;
  }
}
