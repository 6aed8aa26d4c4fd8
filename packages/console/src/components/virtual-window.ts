/** Rows of one height, some of them opened by `extra` pixels. */
export interface RowHeights {
  count: number;
  rowHeight: number;
  /** Index → pixels beyond `rowHeight`. */
  extra: ReadonlyMap<number, number>;
}
export interface RowWindow {
  /** First row to draw, inclusive. */
  start: number;
  /** Last row to draw, exclusive. */
  end: number;
  /** Pixels above the first row drawn. */
  offset: number;
  /** Pixels of all rows. */
  total: number;
}

const NONE: ReadonlyMap<number, number> = new Map();
export const noExtra = NONE;

/** The rows that `viewport` pixels from `scrollTop` show, and `overscan` rows on both sides. */
export function rowWindow(rows: RowHeights, scrollTop: number, viewport: number, overscan = 8): RowWindow {
  const total = offsetOf(rows, rows.count);
  const first = rowAt(rows, Math.max(0, Math.min(scrollTop, total - viewport)));
  const last = rowAt(rows, Math.max(0, Math.min(scrollTop, total - viewport)) + viewport);
  const start = Math.max(0, first - overscan);
  const end = Math.min(rows.count, last + 1 + overscan);
  return { start, end, offset: offsetOf(rows, start), total };
}

/** Pixels above row `index`. */
export function offsetOf({ count, rowHeight, extra }: RowHeights, index: number): number {
  let pixels = Math.min(index, count) * rowHeight;
  for (const [row, more] of extra) if (row < index && row < count) pixels += more;
  return pixels;
}

/** The row at `pixels` from the top. */
export function rowAt(rows: RowHeights, pixels: number): number {
  let before = 0;
  for (const [row, more] of [...rows.extra].sort(([left], [right]) => left - right)) {
    if (row >= rows.count) break;
    const top = row * rows.rowHeight + before;
    if (pixels < top + rows.rowHeight) break;
    if (pixels < top + rows.rowHeight + more) return row;
    before += more;
  }
  return Math.max(0, Math.min(rows.count - 1, Math.floor((pixels - before) / rows.rowHeight)));
}

/** The scroll position that shows row `index` whole with the least movement. */
export function scrollToShow(rows: RowHeights, index: number, scrollTop: number, viewport: number): number {
  const top = offsetOf(rows, index);
  const bottom = top + rows.rowHeight;
  if (top < scrollTop) return top;
  if (bottom > scrollTop + viewport) return bottom - viewport;
  return scrollTop;
}
