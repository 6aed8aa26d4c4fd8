import type { SpanView } from '@unhinged/observability-core';
import fc from 'fast-check';
import { spanView } from '../../testing/views.js';
import { buildTree } from './trace-tree.js';

// Few ids, so that cycles, duplicates and missing parents are common.
const id = fc.constantFrom('a', 'b', 'c', 'd', 'e', 'f');
const span = fc
  .record({
    spanId: id,
    parentSpanId: fc.oneof(id, fc.constantFrom('', 'gone')),
    start: fc.nat(50),
    length: fc.integer({ min: -5, max: 50 }),
  })
  .map(({ spanId, parentSpanId, start, length }) =>
    spanView({ spanId, parentSpanId, startNano: `${1000 + start}`, endNano: `${1000 + start + length}` }),
  );
const names = (spans: readonly SpanView[]): string[] =>
  buildTree(spans).rows.map(({ span, depth }) => `${'-'.repeat(depth)}${span.spanId}`);
const link = (spanId: string, parentSpanId: string, start = 0): SpanView =>
  spanView({ spanId, parentSpanId, startNano: `${1000 + start}`, endNano: `${2000 + start}` });

describe('any set of spans', () => {
  it('gives each span exactly one row', () => {
    fc.assert(
      fc.property(fc.array(span, { maxLength: 30 }), (spans) => {
        const drawn = buildTree(spans).rows.map((row) => row.span);
        expect(drawn).toHaveLength(spans.length);
        expect(new Set(drawn)).toEqual(new Set(spans));
      }),
    );
  });

  it('puts each row directly below the rows of its parent, one level deeper', () => {
    fc.assert(
      fc.property(fc.array(span, { maxLength: 30 }), (spans) => {
        const { rows } = buildTree(spans);
        rows.forEach((row, index) => {
          const parent = rows[row.parent];
          if (parent === undefined) {
            expect(row).toMatchObject({ depth: 0, parent: -1 });
            return;
          }
          expect(row.span.parentSpanId).toBe(parent.span.spanId);
          expect(row.depth).toBe(parent.depth + 1);
          expect(index).toBeGreaterThan(row.parent);
          expect(index).toBeLessThanOrEqual(row.parent + parent.descendants);
        });
      }),
    );
  });

  it('says why a row that is no root stands at the top, and of no other row', () => {
    fc.assert(
      fc.property(fc.array(span, { maxLength: 30 }), (spans) => {
        for (const row of buildTree(spans).rows) {
          expect(row.detached !== undefined).toBe(row.depth === 0 && row.span.parentSpanId !== '');
          if (row.detached === 'parent-missing') {
            expect(spans.some(({ spanId }) => spanId === row.span.parentSpanId)).toBe(false);
          }
        }
      }),
    );
  });
});

describe('the order', () => {
  it('is parents first and siblings by start', () => {
    expect(
      names([link('late', 'root', 9), link('below', 'early', 4), link('root', ''), link('early', 'root', 2)]),
    ).toEqual(['root', '-early', '--below', '-late']);
  });

  it('cuts a cycle at its earliest span', () => {
    const spans = [link('b', 'a', 5), link('a', 'c', 3), link('c', 'b', 7)];
    expect(names(spans)).toEqual(['a', '-b', '--c']);
    expect(buildTree(spans).rows[0]?.detached).toBe('cycle');
  });

  it('takes a chain that is deeper than the call stack', () => {
    const spans = Array.from({ length: 50_000 }, (_, index) =>
      link(index.toString(), index === 0 ? '' : (index - 1).toString(), index),
    );
    const { rows } = buildTree(spans);
    expect(rows.at(-1)?.depth).toBe(49_999);
    expect(rows[0]?.descendants).toBe(49_999);
  });
});

describe('times', () => {
  it('keep their nanoseconds', () => {
    const tree = buildTree([
      spanView({ spanId: 'a', startNano: '1760000000000000001', endNano: '1760000000000001501' }),
      spanView({
        spanId: 'b',
        parentSpanId: 'a',
        startNano: '1760000000000000251',
        endNano: '1760000000000000252',
      }),
    ]);
    expect(tree.durationMs).toBe(0.0015);
    expect(tree.rows[1]).toMatchObject({ startMs: 0.00025, durationMs: 0.000001 });
  });
});

describe('a trace is complete', () => {
  it('when a root is there and no parent is missing', () => {
    expect(buildTree([link('a', ''), link('b', 'a')]).complete).toBe(true);
    expect(buildTree([link('b', 'a')]).complete).toBe(false);
    expect(buildTree([link('a', ''), link('c', 'b')]).complete).toBe(false);
    expect(buildTree([]).complete).toBe(false);
  });
});
