import type { SpanView } from '@unhinged/observability-core';

/** One span in its place. Rows are in the order they are drawn: parents before children, siblings by start. */
export interface SpanRow {
  span: SpanView;
  depth: number;
  /** Index of the row above it in the tree, -1 for a top row. */
  parent: number;
  /** Rows below it in the tree, all levels. They follow it directly. */
  descendants: number;
  /** Milliseconds after the start of the trace. */
  startMs: number;
  durationMs: number;
  /** Why a row that is no root stands at the top. */
  detached?: 'parent-missing' | 'cycle';
}
export interface TraceTree {
  rows: SpanRow[];
  /** Start of the earliest span, Unix epoch nanoseconds. */
  startNano: bigint;
  durationMs: number;
  /** Span id → first row that has it. */
  rowOf: ReadonlyMap<string, number>;
  /** A root is there and no parent is missing. */
  complete: boolean;
}

/**
 * The tree of any set of spans. Each span has exactly one row: a span whose parent is not there stands at the top, a cycle is cut
 * at its earliest span, and of spans with one id the first is the parent of the children.
 */
export function buildTree(spans: readonly SpanView[]): TraceTree {
  const starts = spans.map(({ startNano }) => BigInt(startNano));
  const ends = spans.map(({ endNano }) => BigInt(endNano));
  const startNano = starts.reduce((first, start) => (start < first ? start : first), starts[0] ?? 0n);
  const endNano = ends.reduce((last, end) => (end > last ? end : last), startNano);

  const byId = new Map<string, number>();
  spans.forEach(({ spanId }, index) => {
    if (!byId.has(spanId)) byId.set(spanId, index);
  });
  const parents = spans.map(({ parentSpanId }, index) => {
    const parent = parentSpanId === '' ? undefined : byId.get(parentSpanId);
    return parent === index ? undefined : parent;
  });
  const cuts = cutCycles(parents, starts);

  const order = spans.map((_, index) => index).sort((left, right) => compare(starts, left, right));
  const children = new Map<number, number[]>();
  const top: number[] = [];
  for (const index of order) {
    const parent = parents[index];
    if (parent === undefined) top.push(index);
    else {
      const siblings = children.get(parent);
      if (siblings === undefined) children.set(parent, [index]);
      else siblings.push(index);
    }
  }

  const rows: SpanRow[] = [];
  const rowOf = new Map<string, number>();
  // A stack instead of recursion: traces are deeper than call stacks.
  const stack = top.reverse().map((index) => ({ index, parent: -1, depth: 0 }));
  for (let next = stack.pop(); next !== undefined; next = stack.pop()) {
    const { index, parent, depth } = next;
    const span = spans[index];
    const start = starts[index];
    const end = ends[index];
    if (span === undefined || start === undefined || end === undefined) continue;
    const detached = depth > 0 || span.parentSpanId === '' ? undefined : reason(span, cuts.has(index));
    const row = rows.length;
    rows.push({
      span,
      depth,
      parent,
      descendants: 0,
      startMs: Number(start - startNano) / 1e6,
      durationMs: Math.max(0, Number(end - start) / 1e6),
      ...(detached === undefined ? {} : { detached }),
    });
    if (!rowOf.has(span.spanId)) rowOf.set(span.spanId, row);
    const below = children.get(index) ?? [];
    for (const child of below.reverse()) stack.push({ index: child, parent: row, depth: depth + 1 });
  }
  for (let row = rows.length - 1; row >= 0; row--) {
    const own = rows[row];
    const above = own === undefined ? undefined : rows[own.parent];
    if (own !== undefined && above !== undefined) above.descendants += own.descendants + 1;
  }

  const roots = spans.some(({ parentSpanId }) => parentSpanId === '');
  const complete = roots && rows.every(({ detached }) => detached === undefined);
  return { rows, startNano, durationMs: Number(endNano - startNano) / 1e6, rowOf, complete };
}

function reason(span: SpanView, cut: boolean): SpanRow['detached'] {
  return cut || span.spanId === span.parentSpanId ? 'cycle' : 'parent-missing';
}

function compare(starts: readonly bigint[], left: number, right: number): number {
  const [first = 0n, second = 0n] = [starts[left], starts[right]];
  return first < second ? -1 : first > second ? 1 : left - right;
}

/** Takes one parent out of `parents` for each cycle, that of its earliest span. Returns the spans that lost theirs. */
function cutCycles(parents: (number | undefined)[], starts: readonly bigint[]): Set<number> {
  const cuts = new Set<number>();
  // The walk that reached a span first; reached again in the same walk, it lies on a cycle.
  const reachedBy = new Array<number>(parents.length).fill(-1);
  for (let walk = 0; walk < parents.length; walk++) {
    let at: number | undefined = walk;
    while (at !== undefined && reachedBy[at] === -1) {
      reachedBy[at] = walk;
      at = parents[at];
    }
    if (at === undefined || reachedBy[at] !== walk) continue;
    let earliest = at;
    for (let on = parents[at]; on !== undefined && on !== at; on = parents[on]) {
      if (compare(starts, on, earliest) < 0) earliest = on;
    }
    parents[earliest] = undefined;
    cuts.add(earliest);
  }
  return cuts;
}
