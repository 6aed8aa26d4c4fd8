/** What can be in an {@link OldestFirst} list, in one at a time. */
export interface Linked<N> {
  before: N | undefined;
  after: N | undefined;
}

/**
 * Items in the order they came; any of them is taken out in O(1), and the oldest is found in O(1). A Map keeps its order, too, but asked for
 * its first entry V8 walks over all that were deleted since it last grew.
 */
export class OldestFirst<N extends Linked<N>> {
  #oldest: N | undefined;
  #newest: N | undefined;

  get oldest(): N | undefined {
    return this.#oldest;
  }

  push(item: N): void {
    item.before = this.#newest;
    if (this.#newest === undefined) this.#oldest = item;
    else this.#newest.after = item;
    this.#newest = item;
  }

  remove(item: N): void {
    if (item.before === undefined) this.#oldest = item.after;
    else item.before.after = item.after;
    if (item.after === undefined) this.#newest = item.before;
    else item.after.before = item.before;
    item.before = undefined;
    item.after = undefined;
  }
}
