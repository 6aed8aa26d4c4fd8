import fc from 'fast-check';
import {
  adjustedCountOf,
  ALWAYS,
  formatThreshold,
  NEVER,
  parseThreshold,
  randomnessOf,
  thresholdOf,
} from './threshold.js';

const rate = fc.double({ min: 0, max: 1, noNaN: true });

// "Probability sampling" of OpenTelemetry's trace state handling, table of thresholds, and its rule for 4 digits.
test.each([
  [1, '0'],
  [0.5, '8'],
  [0.25, 'c'],
  [1 / 3, 'aaab'],
  [2 / 3, '5555'],
  [0.1, 'e666'],
  [0.01, 'fd70a'],
  [0.001, 'ffbe77'],
  [0, undefined],
])('rate %d is th:%s', (given, text) => {
  expect(formatThreshold(thresholdOf(given))).toBe(text);
});

test('a threshold stands for its rate within 1 / 8,192, and reads back', () => {
  fc.assert(
    fc.property(fc.double({ min: 1e-7, max: 1, noNaN: true }), (r) => {
      const threshold = thresholdOf(r);
      expect(Math.abs(adjustedCountOf(threshold) * r - 1)).toBeLessThanOrEqual(1 / 8_192);
      expect(parseThreshold(formatThreshold(threshold) ?? '')).toBe(threshold);
    }),
  );
});

test('a higher rate never has a higher threshold', () => {
  fc.assert(fc.property(rate, rate, (a, b) => thresholdOf(Math.min(a, b)) >= thresholdOf(Math.max(a, b))));
});

test('nonsense is the nearest sense: below 0 and NaN keep nothing, above 1 everything', () => {
  expect([thresholdOf(-1), thresholdOf(Number.NaN), thresholdOf(7)]).toEqual([NEVER, NEVER, ALWAYS]);
});

test('randomness is the low 56 bits of the id, or rv, without the last 4', () => {
  expect(randomnessOf('ffffffffffffffffff123456789abcde')).toBe(0x123456789abcd);
  expect(randomnessOf('ffffffffffffffffff123456789abcde', '000000000000f0')).toBe(0xf);
});

test('only 1 to 14 lowercase hex digits are a threshold; a 14th rounds up', () => {
  for (const bad of ['', 'G', 'FF', '0x1', '123456789012345', ' 8'])
    expect(parseThreshold(bad)).toBeUndefined();
  expect(parseThreshold('8')).toBe(2 ** 51);
  expect(parseThreshold('00000000000001')).toBe(1);
  expect(parseThreshold('00000000000010')).toBe(1);
});
