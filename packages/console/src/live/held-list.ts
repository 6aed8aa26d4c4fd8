/** How items of a live list are told apart and ordered, and how many are kept. */
export interface ListKind<Item> {
  keyOf: (item: Item) => string;
  compare: (left: Item, right: Item) => number;
  limit: number;
  /** Which end holds the oldest items, to be dropped beyond `limit`. */
  oldest: 'first' | 'last';
}

/**
 * A list that follows what arrives or, held, keeps showing the same items in the same places (each in its newest form) while
 * the rest gathers behind.
 */
export interface HeldList<Item> {
  all: readonly Item[];
  shown: readonly Item[];
  held: boolean;
  /** Items that gathered since the list was held. */
  fresh: number;
}

export const emptyList: HeldList<never> = { all: [], shown: [], held: false, fresh: 0 };

/** The list with `items` put in; an item of a known key takes the place of the older one. */
export function mergeItems<Item>(
  list: HeldList<Item>,
  items: readonly Item[],
  kind: ListKind<Item>,
): HeldList<Item> {
  if (items.length === 0) return list;
  const byKey = new Map(list.all.map((item) => [kind.keyOf(item), item]));
  for (const item of items) byKey.set(kind.keyOf(item), item);
  return withAll(list, [...byKey.values()], kind);
}

/** The list with `items` instead of all it had, after something was missed. */
export function replaceItems<Item>(
  list: HeldList<Item>,
  items: readonly Item[],
  kind: ListKind<Item>,
): HeldList<Item> {
  return withAll(list, [...new Map(items.map((item) => [kind.keyOf(item), item])).values()], kind);
}

export function holdList<Item>(list: HeldList<Item>): HeldList<Item> {
  return list.held ? list : { ...list, held: true };
}

export function releaseList<Item>(list: HeldList<Item>): HeldList<Item> {
  return list.held ? { all: list.all, shown: list.all, held: false, fresh: 0 } : list;
}

function withAll<Item>(list: HeldList<Item>, items: Item[], kind: ListKind<Item>): HeldList<Item> {
  items.sort(kind.compare);
  const all = kind.oldest === 'last' ? items.slice(0, kind.limit) : items.slice(-kind.limit);
  if (!list.held) return { all, shown: all, held: false, fresh: 0 };
  const newest = new Map(all.map((item) => [kind.keyOf(item), item]));
  const shown = list.shown.map((item) => newest.get(kind.keyOf(item)) ?? item);
  const seen = new Set(shown.map(kind.keyOf));
  return { all, shown, held: true, fresh: all.filter((item) => !seen.has(kind.keyOf(item))).length };
}
