import fc from 'fast-check';
import { offsetOf, rowAt, rowWindow, scrollToShow, type RowHeights } from './virtual-window.js';

const heights: fc.Arbitrary<RowHeights> = fc
  .record({
    count: fc.integer({ min: 1, max: 500 }),
    rowHeight: fc.integer({ min: 10, max: 60 }),
    opened: fc.array(fc.tuple(fc.nat(600), fc.nat(400)), { maxLength: 6 }),
  })
  .map(({ count, rowHeight, opened }) => ({ count, rowHeight, extra: new Map(opened) }));

const heightOf = (rows: RowHeights, index: number): number => rows.rowHeight + (rows.extra.get(index) ?? 0);

it('finds the row at a pixel as counting row by row does', () => {
  fc.assert(
    fc.property(heights, fc.nat(20_000), (rows, pixels) => {
      let top = 0;
      let expected = 0;
      for (let index = 0; index < rows.count; index++) {
        expect(offsetOf(rows, index)).toBe(top);
        if (pixels >= top) expected = index;
        top += heightOf(rows, index);
      }
      expect(rowAt(rows, pixels)).toBe(expected);
    }),
  );
});

it('draws every row that is in sight', () => {
  fc.assert(
    fc.property(heights, fc.nat(20_000), fc.integer({ min: 1, max: 1000 }), (rows, wanted, viewport) => {
      const total = offsetOf(rows, rows.count);
      const scrollTop = Math.max(0, Math.min(wanted, total - viewport));
      const shown = rowWindow(rows, wanted, viewport, 0);
      expect(shown.total).toBe(total);
      expect(shown.offset).toBe(offsetOf(rows, shown.start));
      for (let index = 0; index < rows.count; index++) {
        const top = offsetOf(rows, index);
        const inSight = top < scrollTop + viewport && top + heightOf(rows, index) > scrollTop;
        if (inSight) expect(index >= shown.start && index < shown.end).toBe(true);
      }
    }),
  );
});

it('draws few rows of many', () => {
  const { start, end } = rowWindow({ count: 1_000_000, rowHeight: 28, extra: new Map() }, 14_000_000, 900);
  expect(start).toBeGreaterThan(499_000);
  expect(end - start).toBeLessThan(60);
});

it('scrolls no further than needed', () => {
  const rows: RowHeights = { count: 100, rowHeight: 10, extra: new Map() };
  expect(scrollToShow(rows, 5, 0, 100)).toBe(0);
  expect(scrollToShow(rows, 10, 0, 100)).toBe(10);
  expect(scrollToShow(rows, 2, 50, 100)).toBe(20);
});
