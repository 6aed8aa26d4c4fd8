import { sparklinePath, sparklinePeaks } from './sparkline-path.js';

it('draws from 0 at the bottom to the largest value at the top', () => {
  expect(sparklinePath([0, 5, 10], 10, 100, 40)).toBe('M0 40L50 20L100 0');
  expect(sparklinePath([0, 0], 0, 100, 40)).toBe('M0 40L100 40');
  expect(sparklinePath([], 1, 100, 40)).toBe('');
});

it('draws peaks only, each from and to the bottom', () => {
  expect(sparklinePeaks([0, 0, 5, 0, 0, 0, 10], 10, 60, 10)).toBe('M10 10L20 5L30 10M50 10L60 0');
  expect(sparklinePeaks([0, 0, 0], 10, 60, 10)).toBe('');
});
