import {
  emptyList,
  holdList,
  mergeItems,
  releaseList,
  replaceItems,
  type HeldList,
  type ListKind,
} from './held-list.js';

interface Item {
  id: string;
  at: number;
  text?: string;
}
const kind: ListKind<Item> = {
  keyOf: ({ id }) => id,
  compare: (left, right) => left.at - right.at,
  limit: 3,
  oldest: 'first',
};
const item = (at: number, text?: string): Item => ({
  id: `i${at}`,
  at,
  ...(text === undefined ? {} : { text }),
});
const shown = (list: HeldList<Item>): number[] => list.shown.map(({ at }) => at);

it('follows what arrives, in order, and forgets the oldest', () => {
  const list = mergeItems(mergeItems(emptyList, [item(2), item(1)], kind), [item(4), item(3)], kind);
  expect(shown(list)).toEqual([2, 3, 4]);
  expect(
    shown(mergeItems(emptyList, [item(1), item(2), item(3), item(4)], { ...kind, oldest: 'last' })),
  ).toEqual([1, 2, 3]);
});

it('shows an item once, in its newest form', () => {
  const list = mergeItems(mergeItems(emptyList, [item(1, 'old')], kind), [item(1, 'new')], kind);
  expect(list.shown).toEqual([item(1, 'new')]);
});

it('held, keeps its place, updates what is shown and counts the rest', () => {
  const wide = { ...kind, limit: 10 };
  const held = holdList(mergeItems(emptyList, [item(1), item(2)], wide));
  const list = mergeItems(held, [item(2, 'longer'), item(3), item(4), item(5)], wide);
  expect(list.shown).toEqual([item(1), item(2, 'longer')]);
  expect(list.fresh).toBe(3);
});

it('released, shows everything that gathered', () => {
  const held = mergeItems(holdList(mergeItems(emptyList, [item(1)], kind)), [item(2), item(3)], kind);
  expect(held.fresh).toBe(2);
  expect(shown(held)).toEqual([1]);
  const list = releaseList(held);
  expect(shown(list)).toEqual([1, 2, 3]);
  expect(list.fresh).toBe(0);
});

it('held, stays where it is also when all is read anew', () => {
  const held = holdList(mergeItems(emptyList, [item(1), item(2)], kind));
  const list = replaceItems(held, [item(2), item(3)], kind);
  expect(shown(list)).toEqual([1, 2]);
  expect(list.fresh).toBe(1);
});
