import { uuidv7 } from '@unhinged/observability-core';
import fc from 'fast-check';

import { GapDetector } from './gap-detector.js';

const detector = (options: { maxEmitters?: number; elapsed?: () => number; since?: number } = {}) =>
  new GapDetector({ maxEmitters: 100, now: () => 0, elapsed: () => 0, since: 0, ...options });

const all = (gaps: { first: number; last: number }[]): number[] =>
  gaps
    .flatMap(({ first, last }) => Array.from({ length: last - first + 1 }, (_, n) => first + n))
    .sort((a, b) => a - b);

test('in whatever order they come, and however often: exactly the numbers that never came are gaps', () => {
  fc.assert(
    fc.property(
      fc.uniqueArray(fc.integer({ min: 1, max: 200 }), { minLength: 1 }),
      fc.array(fc.nat(199)),
      (came, again) => {
        const gaps = detector();
        for (const sequence of came) gaps.note('e', sequence);
        for (const index of again) gaps.note('e', came[index % came.length] ?? 1);
        const [low, high] = [Math.min(...came), Math.max(...came)];
        const missing = Array.from({ length: high - low + 1 }, (_, n) => low + n).filter(
          (n) => !came.includes(n),
        );
        expect(gaps.pending).toBe(missing.length);
        expect(all(gaps.settle(gaps.mark(0) ?? 0))).toEqual(missing);
        expect(gaps.pending).toBe(0);
      },
    ),
  );
});

test('a restart in between changes nothing', () => {
  fc.assert(
    fc.property(fc.uniqueArray(fc.integer({ min: 1, max: 100 }), { minLength: 2 }), fc.nat(), (came, at) => {
      const before = detector();
      const cut = 1 + (at % (came.length - 1));
      for (const sequence of came.slice(0, cut)) before.note('e', sequence);
      const after = detector();
      after.restore(JSON.parse(JSON.stringify(before.progress())) as ReturnType<typeof before.progress>);
      const whole = detector();
      for (const sequence of came) whole.note('e', sequence);
      for (const sequence of came.slice(cut)) after.note('e', sequence);
      expect(all(after.settle(Infinity))).toEqual(all(whole.settle(Infinity)));
    }),
  );
});

test('what is noticed after the mark, or too lately, is not settled', () => {
  let now = 0;
  const gaps = detector({ elapsed: () => now });
  gaps.note('e', 1);
  gaps.note('e', 3);
  now = 1_000;
  gaps.note('e', 5);
  expect(gaps.mark(1_001)).toBeUndefined();
  const mark = gaps.mark(1_000);
  expect(gaps.settle(mark ?? 0)).toEqual([{ emitterId: 'e', first: 2, last: 2 }]);
  gaps.note('e', 4);
  expect(gaps.pending).toBe(0);
});

test('a number that comes after it was told of as a gap is counted as late, once, also after a restart', () => {
  const before = detector();
  for (const sequence of [1, 5, 9]) before.note('e', sequence);
  expect(all(before.settle(Infinity))).toEqual([2, 3, 4, 6, 7, 8]);
  for (const sequence of [3, 3, 5]) before.note('e', sequence);
  expect(before.late).toBe(1);
  const after = detector();
  after.restore(before.progress());
  for (const sequence of [2, 3, 7]) after.note('e', sequence);
  expect(after.late).toBe(2);
  expect(after.pending).toBe(0);
  expect(after.settle(Infinity)).toEqual([]);
});

test('an emitter that began while everything was read began with 1, an older one where it was first heard of', () => {
  const gaps = detector({ since: 1_000 });
  const [young, old] = [uuidv7(1_001), uuidv7(999)];
  gaps.note(young, 3);
  gaps.note(old, 3);
  expect(gaps.settle(Infinity)).toEqual([{ emitterId: young, first: 1, last: 2 }]);
});

test('emitters and runs are bounded, and what is forgotten counts as lost', () => {
  const gaps = detector({ maxEmitters: 10 });
  for (let n = 0; n < 1_000; n++) {
    gaps.note(`e${String(n)}`, 1);
    gaps.note(`e${String(n)}`, 3);
  }
  expect(gaps.progress()).toHaveLength(10);
  expect(gaps.settle(gaps.mark(0) ?? 0)).toHaveLength(1_000);
  for (let n = 1; n < 5_000; n += 2) gaps.note('many', n);
  expect(gaps.progress().find(({ id }) => id === 'many')?.missing).toHaveLength(1_000);
  expect(gaps.settle(gaps.mark(0) ?? 0)).toHaveLength(2_499);
});
