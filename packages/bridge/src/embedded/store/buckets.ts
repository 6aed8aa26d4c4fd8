import type { ExponentialHistogramDataPoint, HistogramDataPoint } from '@unhinged/observability-proto/otlp';

/** Counts by range, in ascending order of the ranges. */
export type Buckets = readonly { low: number; high: number; count: number }[];

/** The buckets of an OTLP histogram point. The outer ranges end at min and max where these are known. */
export function explicitBuckets({ bucketCounts, explicitBounds, min, max }: HistogramDataPoint): Buckets {
  const first = explicitBounds[0] ?? 0;
  const last = explicitBounds.at(-1) ?? 0;
  return bucketCounts.map((count, i) => ({
    low: explicitBounds[i - 1] ?? Math.min(min ?? Math.min(first, 0), first),
    high: explicitBounds[i] ?? Math.max(max ?? last, last),
    count: Number(count),
  }));
}

/**
 * The buckets of an OTLP exponential histogram point: bucket i of scale s is (b^i, b^(i+1)], b = 2^(2^−s) (OpenTelemetry
 * metrics data model, "Exponential Histogram").
 */
export function exponentialBuckets(point: ExponentialHistogramDataPoint): Buckets {
  const edge = (index: number): number => 2 ** (index * 2 ** -point.scale);
  const { positive, negative } = point;
  const above = (positive?.bucketCounts ?? []).map((count, i) => {
    const index = (positive?.offset ?? 0) + i;
    return { low: edge(index), high: edge(index + 1), count: Number(count) };
  });
  const below = (negative?.bucketCounts ?? []).map((count, i) => {
    const index = (negative?.offset ?? 0) + i;
    return { low: -edge(index + 1), high: -edge(index), count: Number(count) };
  });
  const zero = { low: -point.zeroThreshold, high: point.zeroThreshold, count: Number(point.zeroCount) };
  return [...below.reverse(), zero, ...above];
}

/**
 * What came in between two readings of a counter that is never reset. Undefined when the ranges are not the same, or a count went
 * down: then the two are not readings of one counter.
 */
export function subtract(now: Buckets, before: Buckets): Buckets | undefined {
  const known = new Map(before.map(({ low, high, count }) => [`${low} ${high}`, count]));
  let matched = 0;
  const result = now.map(({ low, high, count }) => {
    const earlier = known.get(`${low} ${high}`) ?? 0;
    matched += earlier;
    return { low, high, count: count - earlier };
  });
  const isWhole = matched === before.reduce((sum, { count }) => sum + count, 0);
  return isWhole && result.every(({ count }) => count >= 0) ? result : undefined;
}

/** The q-quantile, linear within its bucket; undefined when the buckets are empty. */
export function bucketQuantile(buckets: Buckets, q: number): number | undefined {
  const total = buckets.reduce((sum, { count }) => sum + count, 0);
  if (total === 0) return undefined;
  let left = q * total;
  for (const { low, high, count } of buckets) {
    if (count > 0 && left <= count) return low + ((high - low) * left) / count;
    left -= count;
  }
  return buckets.at(-1)?.high;
}
