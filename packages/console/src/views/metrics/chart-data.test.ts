import { alignSeries, latest, seriesLabels, shownTime, statisticsOf, type Series } from './chart-data.js';
import { axisFormatter, valueFormatter } from './metric-value.js';

const one = (service: string, attributes: Series['attributes'], points: Series['points']): Series => ({
  service,
  attributes,
  points,
});

it('puts series of different times side by side, with gaps where a series has no point', () => {
  const series = [
    one('a', {}, [
      { timeMs: 1000, value: 1 },
      { timeMs: 3000, value: 3, p95: 30 },
    ]),
    one('b', {}, [{ timeMs: 2000, value: 2 }]),
  ];
  expect(alignSeries(series, 'value')).toEqual({
    seconds: [1, 2, 3],
    columns: [
      [1, null, 3],
      [null, 2, null],
    ],
  });
  expect(alignSeries(series, 'p95').columns).toEqual([
    [null, null, 30],
    [null, null, null],
  ]);
  expect(statisticsOf(series)).toEqual(['value', 'p95']);
  expect(series.map((each) => latest(each, 'p95'))).toEqual([30, undefined]);
});

it('names a series by what tells it from the others', () => {
  const series = [
    one('a', { route: '/x', method: 'GET' }, []),
    one('a', { route: '/y', method: 'GET' }, []),
    one('b', { method: 'GET' }, []),
  ];
  expect(seriesLabels(series)).toEqual(['a route=/x', 'a route=/y', 'b']);
});

it('shows a single moment in the middle of a minute, and any other time as it is', () => {
  expect(shownTime(1, 1_000, 87_400)).toEqual([970, 1_030]);
  expect(shownTime(2, 1_000, 1_001)).toEqual([1_000, 1_001]);
});

it('writes values in the unit that a reader expects', () => {
  expect(valueFormatter('s', false)(0.0123)).toBe('12.3 ms');
  expect(valueFormatter('By', false)(2048)).toBe('2 KiB');
  expect(valueFormatter('{request}', true)(12)).toBe('12 request/s');
  expect(valueFormatter('1', false)(12)).toBe('12');
  expect(valueFormatter('s', false)(null)).toBe('–');
  expect(axisFormatter('{request}')(12)).toBe('12');
});
