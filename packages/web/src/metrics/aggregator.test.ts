import fc from 'fast-check';
import { Aggregator } from './aggregator.js';
import { REQUEST_DURATION } from './request-duration.js';
import { meterProvider } from './meter-provider.js';

test('a histogram leaves as what happened since it last left, every value in the bucket that is its own', () => {
  fc.assert(
    fc.property(fc.array(fc.double({ min: 0, max: 20, noNaN: true }), { minLength: 1 }), (values) => {
      const aggregator = new Aggregator(() => 1);
      for (const value of values) aggregator.record(REQUEST_DURATION, value, { a: 1 });
      const [metric] = aggregator.collect();
      const [point] = metric?.points ?? [];
      const bounds = [...REQUEST_DURATION.bounds, Infinity];
      const expected = bounds.map(
        (bound, at) => values.filter((value) => value <= bound && value > (bounds[at - 1] ?? -1)).length,
      );
      expect(point?.histogram).toMatchObject({
        count: values.length,
        min: Math.min(...values),
        max: Math.max(...values),
        buckets: expected,
      });
      expect(metric?.temporality).toBe('delta');
      expect(aggregator.collect()).toEqual([]);
    }),
  );
});

test('attribute sets are told apart whatever their order, and beyond 1,000 they share one series', () => {
  const aggregator = new Aggregator(() => 1);
  aggregator.record(REQUEST_DURATION, 1, { a: 1, b: 2 });
  aggregator.record(REQUEST_DURATION, 1, { b: 2, a: 1 });
  for (let at = 0; at < 1_500; at++) aggregator.record(REQUEST_DURATION, 1, { at });
  const [metric] = aggregator.collect();
  expect(metric?.points).toHaveLength(1_001);
  expect(metric?.points[0]?.histogram?.count).toBe(2);
  const overflow = metric?.points.find(({ attributes }) => attributes['otel.metric.overflow'] === true);
  expect(overflow?.histogram?.count).toBe(501);
});

test('instruments of the API: counters as deltas, what goes up and down as a whole, observables read when they leave', async () => {
  const aggregator = new Aggregator(() => 1);
  const meter = meterProvider(aggregator).getMeter('app');
  const counter = meter.createCounter('clicks', { unit: '{click}' });
  const open = meter.createUpDownCounter('open');
  meter.createObservableGauge('heap').addCallback((result) => {
    result.observe(7);
  });
  meter.createObservableGauge('broken').addCallback(() => Promise.reject(new Error('no')));
  counter.add(2);
  counter.add(-5);
  counter.add(NaN);
  open.add(3);
  const values = () =>
    Object.fromEntries(aggregator.collect().map(({ name, points }) => [name, points[0]?.value]));
  expect(values()).toEqual({ clicks: 2, open: 3, heap: 7 });
  open.add(-1);
  expect(values()).toEqual({ open: 2, heap: 7 });
  await Promise.resolve();
});
