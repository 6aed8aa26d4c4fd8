import fc from 'fast-check';
import { RELATIVE_ERROR, Sketch } from './sketch.js';

const latency = fc.oneof(
  fc.double({ min: 1e-6, max: 1e9, noNaN: true }),
  fc.double({ min: 0.1, max: 2_000, noNaN: true }),
  fc.constant(0),
);
const latencies = fc.array(latency, { maxLength: 300 });
const of = (values: readonly number[]) => {
  const sketch = new Sketch();
  for (const value of values) sketch.add(value);
  return sketch;
};

test('every quantile is within 1 % of the true one', () => {
  fc.assert(
    fc.property(
      fc.array(latency, { minLength: 1, maxLength: 300 }),
      fc.double({ min: 0, max: 1, noNaN: true }),
      (values, q) => {
        const truth = values.sort((a, b) => a - b)[Math.max(1, Math.ceil(q * values.length)) - 1] ?? 0;
        expect(Math.abs(of(values).quantile(q) - truth)).toBeLessThanOrEqual(truth * (RELATIVE_ERROR + 1e-9));
      },
    ),
    { numRuns: 500 },
  );
});

test('the one slow request of five is their p95 and p99', () => {
  const [p50, p95, p99] = of([421, 142, 37, 928, 51]).quantiles([0.5, 0.95, 0.99]);
  expect([p50, p95, p99].map((value) => Math.round((value ?? 0) / 20))).toEqual([7, 46, 46]);
});

test('merged sketches are the sketch of everything, in any order', () => {
  fc.assert(
    fc.property(latencies, latencies, latencies, (a, b, c) => {
      const whole = of([...a, ...b, ...c]);
      const left = of(a);
      left.merge(of(b));
      left.merge(of(c));
      const right = of(c);
      right.merge(of(b));
      right.merge(of(a));
      expect(left.toJSON()).toEqual(whole.toJSON());
      expect(right.toJSON()).toEqual(whole.toJSON());
      expect(left.count).toBe(a.length + b.length + c.length);
    }),
  );
});

test('a sketch survives JSON', () => {
  fc.assert(
    fc.property(latencies, (values) => {
      const sketch = of(values);
      const again = Sketch.fromJSON(JSON.parse(JSON.stringify(sketch)) as ReturnType<Sketch['toJSON']>);
      expect(again.toJSON()).toEqual(sketch.toJSON());
      expect(again.quantiles([0.5, 0.95, 0.99])).toEqual(sketch.quantiles([0.5, 0.95, 0.99]));
    }),
  );
});

test('senseless numbers neither break it nor make it grow', () => {
  const sketch = of([Number.NaN, -5, Number.POSITIVE_INFINITY, Number.MAX_VALUE, 1e-300]);
  expect(sketch.count).toBe(5);
  expect(sketch.quantile(0)).toBe(0);
  expect(sketch.quantile(1)).toBeCloseTo(1e9, -8);
  expect(new Sketch().quantile(0.5)).toBe(0);
  expect(of(Array.from({ length: 100_000 }, (_, i) => 1.001 ** i)).toJSON().buckets.length / 2).toBeLessThan(
    1_750,
  );
});
