import {
  compareNano,
  formatAgo,
  formatBytes,
  formatCount,
  formatDuration,
  formatErrorRate,
  formatRate,
  nanoToMs,
} from './format.js';

it.each([
  [0, '0 ms'],
  [0.000001, '1 ns'],
  [0.0009996, '1 µs'],
  [0.85, '850 µs'],
  [0.9997, '1 ms'],
  [12.34, '12.3 ms'],
  [999.4, '999 ms'],
  [999.6, '1 s'],
  [1250, '1.25 s'],
  [59_994, '60 s'],
  [60_000, '1 min'],
  [125_000, '2 min 05 s'],
  [3_600_000, '1 h'],
  [3_725_000, '1 h 02 min'],
  [-5, '-5 ms'],
  [Number.NaN, '–'],
])('writes %d ms as %s', (ms, text) => {
  expect(formatDuration(ms)).toBe(text);
});

it.each([
  [0, '0'],
  [7, '7'],
  [0.1234, '0.123'],
  [999, '999'],
  [1200, '1.2k'],
  [999_600, '1M'],
  [5_600_000, '5.6M'],
  [-34_000, '-34k'],
  [-2_500_000, '-2.5M'],
])('writes %d as %s', (value, text) => {
  expect(formatCount(value)).toBe(text);
});

it('gives an error rate only where there were requests, and never rounds errors away', () => {
  expect(formatErrorRate(0, 0)).toBe('–');
  expect(formatErrorRate(0, 10)).toBe('0 %');
  expect(formatErrorRate(1, 100_000)).toBe('< 0.1 %');
  expect(formatErrorRate(5, 1000)).toBe('0.5 %');
  expect(formatErrorRate(1, 4)).toBe('25 %');
});

it('writes rates, bytes and ages', () => {
  expect(formatRate(0.004)).toBe('< 0.01/s');
  expect(formatRate(12.34)).toBe('12.3/s');
  expect(formatBytes(1023)).toBe('1023 B');
  expect(formatBytes(1536)).toBe('1.5 KiB');
  expect(formatAgo(0, 3_000)).toBe('now');
  expect(formatAgo(0, 59_000)).toBe('59 s ago');
  expect(formatAgo(0, 7_200_000)).toBe('2 h ago');
});

it('reads nanoseconds and orders them without losing digits', () => {
  expect(nanoToMs('1760000000123456789')).toBeCloseTo(1_760_000_000_123.456, 3);
  expect(compareNano('1760000000000000001', '1760000000000000002')).toBeLessThan(0);
  expect(compareNano('9', '10')).toBeLessThan(0);
  expect(compareNano('5', '5')).toBe(0);
});
