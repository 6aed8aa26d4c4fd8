import type { SpanView } from '@unhinged/observability-core';
import { formatValue } from '../../format/format.js';
import type { SpanRow } from './trace-tree.js';

/** Indexes of the rows that are in sight while the spans with `collapsed` ids hide what is below them. */
export function visibleRows(rows: readonly SpanRow[], collapsed: ReadonlySet<string>): number[] {
  const visible: number[] = [];
  for (let index = 0; index < rows.length; index++) {
    visible.push(index);
    const row = rows[index];
    if (row !== undefined && collapsed.has(row.span.spanId)) index += row.descendants;
  }
  return visible;
}

/** `collapsed` without the spans above row `index`, so that the row is in sight. */
export function revealed(
  rows: readonly SpanRow[],
  index: number,
  collapsed: ReadonlySet<string>,
): ReadonlySet<string> {
  const open = new Set(collapsed);
  for (let row = rows[index]; row !== undefined; row = rows[row.parent]) {
    const above = rows[row.parent];
    if (above !== undefined) open.delete(above.span.spanId);
  }
  return open;
}

/** The first of the sorted `indexes` after `from`, from the start again after the last. */
export function nextAfter(indexes: readonly number[], from: number): number | undefined {
  return indexes.find((index) => index > from) ?? indexes[0];
}

export function errorRows(rows: readonly SpanRow[]): number[] {
  return rows.flatMap(({ span }, index) => (span.status === 'error' ? [index] : []));
}

/** Indexes of the rows whose span has `text` in its name, service, id, status message, attributes or events. */
export function searchRows(rows: readonly SpanRow[], text: string): number[] {
  const wanted = text.trim().toLowerCase();
  if (wanted === '') return [];
  return rows.flatMap(({ span }, index) => (spanHas(span, wanted) ? [index] : []));
}

function spanHas(span: SpanView, wanted: string): boolean {
  const has = (text: string): boolean => text.toLowerCase().includes(wanted);
  const anyOf = (attributes: SpanView['attributes']): boolean =>
    Object.entries(attributes).some(([name, value]) => has(`${name}=${formatValue(value)}`));
  return (
    has(span.name) ||
    has(span.service) ||
    has(span.spanId) ||
    has(span.statusMessage) ||
    anyOf(span.attributes) ||
    span.events.some((event) => has(event.name) || anyOf(event.attributes))
  );
}

/** About `wanted` round marks from 0 to `durationMs`: 0, 50 ms, 100 ms … */
export function timeTicks(durationMs: number, wanted = 5): number[] {
  if (!(durationMs > 0)) return [0];
  const rough = durationMs / wanted;
  const power = 10 ** Math.floor(Math.log10(rough));
  const step = power * ([1, 2, 5, 10].find((factor) => factor * power >= rough) ?? 10);
  const ticks: number[] = [];
  for (let index = 0; index * step <= durationMs; index++) ticks.push(index * step);
  return ticks;
}

/** Left edge and width of a bar in per cent of the whole; never so thin that it cannot be seen. */
export function barPosition(
  startMs: number,
  durationMs: number,
  totalMs: number,
): { left: number; width: number } {
  if (!(totalMs > 0)) return { left: 0, width: 100 };
  const width = Math.min(100, Math.max(0.15, (durationMs / totalMs) * 100));
  return { left: Math.min(100 - width, Math.max(0, (startMs / totalMs) * 100)), width };
}

/** Where a bar has room for its label, in per cent of the whole: beside it, else in it. */
export function labelSide({ left, width }: { left: number; width: number }): 'right' | 'left' | 'inside' {
  if (left + width <= 80) return 'right';
  return left >= 20 ? 'left' : 'inside';
}
