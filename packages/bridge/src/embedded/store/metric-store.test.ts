import { MetricEvent } from '@unhinged/observability-proto';
import type { Metric } from '@unhinged/observability-proto/otlp';
import { MetricStore } from './metric-store.js';

const T0 = 1_772_600_760_000;
const nano = (seconds: number) => BigInt(T0 + seconds * 1000) * 1_000_000n;

type Of = Parameters<typeof Metric.fromPartial>[0];
const add = (store: MetricStore, metric: Of, instance = 'i1') => {
  store.add(
    MetricEvent.fromPartial({
      resource: { serviceName: 'chat', attributes: { 'service.instance.id': instance } },
      metric: { name: 'm', unit: 's', ...metric },
    }),
  );
};
const sum = (
  seconds: number,
  value: number,
  of: { start?: number; temporality?: 1 | 2; isMonotonic?: boolean } = {},
): Of => ({
  data: {
    $case: 'sum',
    value: {
      isMonotonic: of.isMonotonic ?? true,
      aggregationTemporality: of.temporality ?? 2,
      dataPoints: [
        {
          startTimeUnixNano: of.start === undefined ? 0n : nano(of.start),
          timeUnixNano: nano(seconds),
          value: { $case: 'asInt', value: BigInt(value) },
        },
      ],
    },
  },
});
const histogram = (seconds: number, counts: number[], total: number, temporality: 1 | 2 = 2): Of => ({
  data: {
    $case: 'histogram',
    value: {
      aggregationTemporality: temporality,
      dataPoints: [
        {
          startTimeUnixNano: nano(0),
          timeUnixNano: nano(seconds),
          count: BigInt(counts.reduce((a, b) => a + b, 0)),
          sum: total,
          bucketCounts: counts.map(BigInt),
          explicitBounds: [10, 20],
        },
      ],
    },
  },
});
const points = (store: MetricStore) =>
  store.series('m')?.series[0]?.points.map(({ timeMs, ...rest }) => ({ at: (timeMs - T0) / 1000, ...rest }));

test('a counter becomes a rate, also over a restart of its process', () => {
  const store = new MetricStore();
  add(store, sum(10, 100, { start: 0 }));
  add(store, sum(20, 150, { start: 0 }));
  add(store, sum(40, 30, { start: 30 }));
  add(store, sum(50, 30, { start: 30 }));
  expect(points(store)).toEqual([
    { at: 10, value: 10 },
    { at: 20, value: 5 },
    { at: 40, value: 3 },
    { at: 50, value: 0 },
  ]);
});

test('a counter without a start has no rate before its second reading, nor after it went down', () => {
  const store = new MetricStore();
  for (const [seconds, value] of [
    [10, 100],
    [20, 150],
    [30, 10],
    [40, 20],
  ] as const)
    add(store, sum(seconds, value));
  expect(points(store)).toEqual([
    { at: 20, value: 5 },
    { at: 40, value: 1 },
  ]);
});

test('a delta counter is a rate over its own time, an up-down counter is its value', () => {
  const store = new MetricStore();
  add(store, sum(10, 50, { start: 0, temporality: 1 }));
  add(store, sum(20, 30, { start: 10, temporality: 1 }));
  expect(points(store)).toEqual([
    { at: 10, value: 5 },
    { at: 20, value: 3 },
  ]);
  const other = new MetricStore();
  add(other, sum(10, 7, { isMonotonic: false }));
  add(other, sum(20, 4, { isMonotonic: false }));
  expect(points(other)?.map(({ value }) => value)).toEqual([7, 4]);
});

test('a histogram becomes mean and quantiles of what came since the last reading', () => {
  const store = new MetricStore();
  add(store, histogram(10, [10, 0, 0], 50));
  add(store, histogram(20, [10, 100, 0], 50 + 1_500));
  const [first, second] = points(store) ?? [];
  expect(first).toMatchObject({ value: 5, p50: 5 });
  expect(second).toEqual({ at: 20, value: 15, p50: 15, p95: 19.5, p99: 19.9 });
  add(store, histogram(30, [10, 100, 0], 1_550));
  expect(points(store)).toHaveLength(2);
});

test('an exponential histogram has its quantiles within a bucket', () => {
  const store = new MetricStore();
  // Scale 0, offset 3: (8, 16] and (16, 32].
  const exponential = (seconds: number, bucketCounts: bigint[]): Of => ({
    data: {
      $case: 'exponentialHistogram',
      value: {
        aggregationTemporality: 2,
        dataPoints: [
          {
            startTimeUnixNano: nano(0),
            timeUnixNano: nano(seconds),
            count: bucketCounts.reduce((a, b) => a + b, 0n),
            sum: 100,
            scale: 0,
            positive: { offset: 3, bucketCounts },
          },
        ],
      },
    },
  });
  add(store, exponential(10, [100n]));
  add(store, exponential(20, [100n, 10n]));
  const [first, second] = points(store) ?? [];
  expect(first?.p50).toBe(12);
  expect(second?.p50).toBe(24);
});

test('readings that come twice or out of order are left out', () => {
  const store = new MetricStore();
  for (const seconds of [10, 10, 5]) add(store, sum(seconds, 1, { isMonotonic: false }));
  expect(points(store)).toHaveLength(1);
});

test('two processes of a service are two lines, told apart by their instance', () => {
  const store = new MetricStore();
  add(store, sum(10, 1, { isMonotonic: false }), 'a');
  expect(store.series('m')?.series.map(({ attributes }) => attributes)).toEqual([{}]);
  add(store, sum(10, 2, { isMonotonic: false }), 'b');
  expect(store.series('m')?.series.map(({ attributes }) => attributes)).toEqual([
    { 'service.instance.id': 'a' },
    { 'service.instance.id': 'b' },
  ]);
});

test('series and points are bounded', () => {
  const store = new MetricStore();
  for (let i = 0; i < 2_500; i++) add(store, { ...sum(1, 1, { isMonotonic: false }), name: `m${i}` });
  expect(store.size).toEqual({ series: 2_000, evicted: 500 });
  expect(store.list()).toHaveLength(2_000);
  for (let i = 0; i < 500; i++) add(store, sum(i, i, { isMonotonic: false }));
  expect(points(store)).toHaveLength(360);
});
