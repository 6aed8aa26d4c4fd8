import { spanView } from '../../testing/views.js';
import { buildTree } from './trace-tree.js';
import {
  barPosition,
  labelSide,
  nextAfter,
  revealed,
  searchRows,
  timeTicks,
  visibleRows,
} from './waterfall-rows.js';

const { rows } = buildTree([
  spanView({ spanId: 'root' }),
  spanView({ spanId: 'a', parentSpanId: 'root', attributes: { 'http.route': '/rooms', retries: 3 } }),
  spanView({ spanId: 'b', parentSpanId: 'a', statusMessage: 'Locked' }),
  spanView({
    spanId: 'c',
    parentSpanId: 'root',
    events: [{ name: 'exception', timeNano: '1', attributes: { 'exception.type': 'DatabaseError' } }],
  }),
]);

it('hides all that is below a collapsed span', () => {
  expect(visibleRows(rows, new Set())).toEqual([0, 1, 2, 3]);
  expect(visibleRows(rows, new Set(['a']))).toEqual([0, 1, 3]);
  expect(visibleRows(rows, new Set(['root', 'a']))).toEqual([0]);
});

it('reveals a span by opening what is above it, and nothing else', () => {
  expect(revealed(rows, 2, new Set(['root', 'a', 'c']))).toEqual(new Set(['c']));
  expect(revealed(rows, 1, new Set(['a']))).toEqual(new Set(['a']));
});

it('goes on to the next and from the last to the first', () => {
  expect(nextAfter([2, 5], -1)).toBe(2);
  expect(nextAfter([2, 5], 2)).toBe(5);
  expect(nextAfter([2, 5], 5)).toBe(2);
  expect(nextAfter([], 0)).toBeUndefined();
});

it('searches names, attributes, status messages and events, whatever the case', () => {
  expect(searchRows(rows, 'HTTP.route=/ro')).toEqual([1]);
  expect(searchRows(rows, 'retries=3')).toEqual([1]);
  expect(searchRows(rows, 'locked')).toEqual([2]);
  expect(searchRows(rows, 'databaseerror')).toEqual([3]);
  expect(searchRows(rows, '  ')).toEqual([]);
});

it('marks round times only', () => {
  expect(timeTicks(100)).toEqual([0, 20, 40, 60, 80, 100]);
  expect(timeTicks(1)).toEqual([0, 0.2, 0.4, 0.6000000000000001, 0.8, 1]);
  expect(timeTicks(0)).toEqual([0]);
});

it('keeps every bar in the frame and visible', () => {
  expect(barPosition(25, 50, 100)).toEqual({ left: 25, width: 50 });
  const last = barPosition(100, 0, 100);
  expect(last.width).toBeGreaterThan(0);
  expect(last.left + last.width).toBeLessThanOrEqual(100);
});

it('writes the label where there is room', () => {
  expect(labelSide({ left: 10, width: 20 })).toBe('right');
  expect(labelSide({ left: 60, width: 35 })).toBe('left');
  expect(labelSide({ left: 5, width: 90 })).toBe('inside');
});
