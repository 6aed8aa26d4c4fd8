import type { PrometheusType } from '@unhinged/observability-core';
import type { Exemplar, Metric } from '@unhinged/observability-proto/otlp';
import { AggregationTemporality } from '@unhinged/observability-proto/otlp';

/** What one OTLP data point says, in Prometheus' terms; delta points carry what is to be added. */
export interface Sample {
  type: PrometheusType;
  delta: boolean;
  timeNano: bigint;
  attributes: Metric['metadata'];
  /** The series ended (OTLP flag "no recorded value"). */
  ended: boolean;
  /** Of counters and gauges. */
  value: number;
  /** Of histograms and summaries. */
  count: number;
  sum: number;
  /** Upper bounds of a histogram, or quantiles of a summary, without +Inf. */
  bounds: number[];
  /** Not cumulated: one a bound, and of a histogram one more for +Inf. Of a summary the values at the quantiles. */
  buckets: number[];
  exemplars: readonly Exemplar[];
}

const NO_RECORDED_VALUE = 1;
const none = { value: 0, count: 0, sum: 0, bounds: [], buckets: [], exemplars: [] };

/** The points of a metric; empty for a metric without data. */
export function samplesOf(metric: Metric): Sample[] {
  const data = metric.data;
  switch (data?.$case) {
    case undefined:
      return [];
    case 'gauge':
    case 'sum': {
      const isSum = data.$case === 'sum';
      const type = isSum && data.value.isMonotonic ? 'counter' : 'gauge';
      const delta = isSum && isDelta(data.value.aggregationTemporality);
      return data.value.dataPoints.map((point) => ({
        ...none,
        ...common(point, type, delta),
        value: Number(point.value?.value ?? 0),
        exemplars: point.exemplars,
      }));
    }
    case 'histogram':
      return data.value.dataPoints.map((point) => ({
        ...none,
        ...common(point, 'histogram', isDelta(data.value.aggregationTemporality)),
        count: Number(point.count),
        sum: point.sum ?? 0,
        // A histogram may come without buckets: then count and sum are all there is.
        bounds: point.bucketCounts.length === 0 ? [] : point.explicitBounds,
        buckets: point.bucketCounts.length === 0 ? [Number(point.count)] : point.bucketCounts.map(Number),
        exemplars: point.exemplars,
      }));
    case 'exponentialHistogram':
      // The text formats have no native histograms; count and sum, as one bucket, stay exact.
      return data.value.dataPoints.map((point) => ({
        ...none,
        ...common(point, 'histogram', isDelta(data.value.aggregationTemporality)),
        count: Number(point.count),
        sum: point.sum ?? 0,
        buckets: [Number(point.count)],
        exemplars: point.exemplars,
      }));
    case 'summary':
      return data.value.dataPoints.map((point) => ({
        ...none,
        ...common(point, 'summary', false),
        count: Number(point.count),
        sum: point.sum,
        bounds: point.quantileValues.map(({ quantile }) => quantile),
        buckets: point.quantileValues.map(({ value }) => value),
      }));
  }
}

const isDelta = (temporality: AggregationTemporality) => temporality === AggregationTemporality.DELTA;

function common(
  point: { flags: number; timeUnixNano: bigint; attributes: Metric['metadata'] },
  type: PrometheusType,
  delta: boolean,
) {
  const { timeUnixNano: timeNano, attributes } = point;
  return { type, delta, timeNano, attributes, ended: (point.flags & NO_RECORDED_VALUE) !== 0 };
}

/** One time series: what its newest point said, deltas summed up. */
export class Series {
  /** Rendered pairs without braces. */
  readonly labels: string;
  seenMs = 0;
  #timeNano = -1n;
  value = 0;
  count = 0;
  sum = 0;
  bounds: number[] = [];
  buckets: number[] = [];
  /** The newest of each bucket; of a counter in place 0. */
  readonly exemplars = new Map<number, Exemplar>();

  constructor(labels: string) {
    this.labels = labels;
  }

  /** Lines that the series takes in the exposition. */
  get lines(): number {
    return linesOf(this);
  }

  /** False when the point is not newer than what is known: a repeated or late export. */
  update(sample: Sample, nowMs: number): boolean {
    if (sample.timeNano < this.#timeNano || (sample.delta && sample.timeNano === this.#timeNano))
      return false;
    this.#timeNano = sample.timeNano;
    this.seenMs = nowMs;
    const sameBounds =
      sample.bounds.length === this.bounds.length && sample.bounds.every((b, i) => b === this.bounds[i]);
    // A delta histogram with new bounds starts anew, which Prometheus takes for a counter reset.
    if (sample.delta && (sameBounds || this.buckets.length === 0)) {
      this.value += sample.value;
      this.count += sample.count;
      this.sum += sample.sum;
      this.buckets = sample.buckets.map((bucket, i) => bucket + (this.buckets[i] ?? 0));
    } else {
      ({ value: this.value, count: this.count, sum: this.sum, buckets: this.buckets } = sample);
    }
    this.bounds = sample.bounds;
    for (const exemplar of sample.exemplars) {
      const value = Number(exemplar.value?.value ?? 0);
      const bucket = this.bounds.findIndex((bound) => value <= bound);
      this.exemplars.set(bucket === -1 ? this.bounds.length : bucket, exemplar);
    }
    return true;
  }
}

/** Lines that a series of such a sample takes in the exposition. */
export const linesOf = ({ bounds, buckets }: { bounds: number[]; buckets: number[] }): number =>
  buckets.length === 0 ? 1 : bounds.length + 3;
