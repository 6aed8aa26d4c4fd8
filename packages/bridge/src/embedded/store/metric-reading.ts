import type { MetricInfo } from '@unhinged/observability-core';
import type { KeyValue, Metric } from '@unhinged/observability-proto/otlp';
import { explicitBuckets, exponentialBuckets, type Buckets } from './buckets.js';

/** One data point of any kind of metric, as far as a chart needs it. */
export interface Reading {
  attributes: readonly KeyValue[];
  startNano: bigint;
  timeNano: bigint;
  /** The value, or the sum of a distribution. */
  value: number;
  /** Numbers in the distribution; undefined for plain numbers. */
  count?: number;
  buckets?: Buckets;
  /** Given by the client (summaries). */
  quantiles?: ReadonlyMap<number, number>;
}

/** How readings of a metric become points of a chart. */
export interface MetricKind {
  type: MetricInfo['type'];
  /** `level`: as it is. `delta`: what came since the start of the reading. `cumulative`: what came since the client's start. */
  meaning: 'level' | 'delta' | 'cumulative';
}

/** OTLP AggregationTemporality. */
const DELTA = 1;
/** OTLP DataPointFlags: the point says that there is no value. */
const NO_VALUE = 1;

const temporality = (value: number): MetricKind['meaning'] => (value === DELTA ? 'delta' : 'cumulative');

/** Kind and readings of a metric; undefined when it holds no data. */
export function readMetric(metric: Metric): (MetricKind & { readings: Reading[] }) | undefined {
  const { data } = metric;
  switch (data?.$case) {
    case 'gauge':
      return { type: 'gauge', meaning: 'level', readings: data.value.dataPoints.flatMap(number) };
    case 'sum': {
      const { isMonotonic, aggregationTemporality, dataPoints } = data.value;
      const meaning = isMonotonic ? temporality(aggregationTemporality) : 'level';
      return { type: 'sum', meaning, readings: dataPoints.flatMap(number) };
    }
    case 'histogram':
      return {
        type: 'histogram',
        meaning: temporality(data.value.aggregationTemporality),
        readings: present(data.value.dataPoints).map((point) => ({
          ...common(point),
          value: point.sum ?? 0,
          count: Number(point.count),
          buckets: explicitBuckets(point),
        })),
      };
    case 'exponentialHistogram':
      return {
        type: 'exponential_histogram',
        meaning: temporality(data.value.aggregationTemporality),
        readings: present(data.value.dataPoints).map((point) => ({
          ...common(point),
          value: point.sum ?? 0,
          count: Number(point.count),
          buckets: exponentialBuckets(point),
        })),
      };
    case 'summary':
      return {
        type: 'summary',
        meaning: 'cumulative',
        readings: present(data.value.dataPoints).map((point) => ({
          ...common(point),
          value: point.sum,
          count: Number(point.count),
          quantiles: new Map(point.quantileValues.map(({ quantile, value }) => [quantile, value])),
        })),
      };
    default:
      return undefined;
  }
}

interface AnyPoint {
  attributes: KeyValue[];
  startTimeUnixNano: bigint;
  timeUnixNano: bigint;
  flags: number;
}
type NumberPoint = AnyPoint & {
  value: { $case: 'asDouble'; value: number } | { $case: 'asInt'; value: bigint } | undefined;
};

const common = ({ attributes, startTimeUnixNano, timeUnixNano }: AnyPoint) => ({
  ...{ attributes, startNano: startTimeUnixNano, timeNano: timeUnixNano },
});

const present = <T extends AnyPoint>(points: readonly T[]): T[] =>
  points.filter(({ flags }) => (flags & NO_VALUE) === 0);

const number = (point: NumberPoint): Reading[] =>
  point.value === undefined || (point.flags & NO_VALUE) !== 0
    ? []
    : [{ ...common(point), value: Number(point.value.value) }];
