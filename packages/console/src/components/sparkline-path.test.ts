import { sparklinePath } from './sparkline-path.js';

it('draws from 0 at the bottom to the largest value at the top', () => {
  expect(sparklinePath([0, 5, 10], 10, 100, 40)).toBe('M0 40L50 20L100 0');
  expect(sparklinePath([0, 0], 0, 100, 40)).toBe('M0 40L100 40');
  expect(sparklinePath([], 1, 100, 40)).toBe('');
});
