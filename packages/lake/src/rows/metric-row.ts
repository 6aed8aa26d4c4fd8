import { structFromKeyValues } from '@unhinged/observability-core';
import type { MetricEvent } from '@unhinged/observability-proto';
import type {
  Exemplar,
  ExponentialHistogramDataPoint,
  ExponentialHistogramDataPoint_Buckets,
  HistogramDataPoint,
  KeyValue,
  Metric,
  NumberDataPoint,
  SummaryDataPoint,
} from '@unhinged/observability-proto/otlp';
import { originFields, timeFields, type EventRows, type Row } from './row.js';
import { double, hex, int64, type Json } from './values.js';

const TEMPORALITIES = ['unspecified', 'delta', 'cumulative'];

/** One row for each point of a metric. Undefined when the event carries no metric, or one without data. */
export function metricRows(event: MetricEvent): EventRows | undefined {
  const points = event.metric && pointsOf(event.metric);
  if (event.metric === undefined || points === undefined) return undefined;
  const shared: Row = {
    event_id: event.eventId,
    name: event.metric.name,
    description: event.metric.description,
    unit: event.metric.unit,
    ...originFields(event, event.scope),
  };
  return {
    table: 'observability_metrics',
    eventId: event.eventId,
    rows: points.map((point, index) => ({ ...shared, ...point, point_index: index })),
  };
}

function pointsOf({ data }: Metric): Row[] | undefined {
  switch (data?.$case) {
    case undefined:
      return undefined;
    case 'gauge':
      return data.value.dataPoints.map((point) => ({ type: 'gauge', ...numberPoint(point) }));
    case 'sum':
      return data.value.dataPoints.map((point) => ({
        type: 'sum',
        temporality: temporality(data.value.aggregationTemporality),
        is_monotonic: data.value.isMonotonic,
        ...numberPoint(point),
      }));
    case 'histogram':
      return data.value.dataPoints.map((point) => ({
        type: 'histogram',
        temporality: temporality(data.value.aggregationTemporality),
        ...histogramPoint(point),
      }));
    case 'exponentialHistogram':
      return data.value.dataPoints.map((point) => ({
        type: 'exponential_histogram',
        temporality: temporality(data.value.aggregationTemporality),
        ...exponentialPoint(point),
      }));
    case 'summary':
      return data.value.dataPoints.map((point) => ({ type: 'summary', ...summaryPoint(point) }));
  }
}

const temporality = (code: number): string => TEMPORALITIES[code] ?? 'unspecified';

interface Point {
  timeUnixNano: bigint;
  startTimeUnixNano: bigint;
  attributes: KeyValue[];
  flags: number;
  exemplars?: Exemplar[];
}

function pointFields(point: Point): Row {
  return {
    ...timeFields(point.timeUnixNano),
    start_time_unix_nano: int64(point.startTimeUnixNano),
    attributes: JSON.stringify(structFromKeyValues(point.attributes)),
    flags: point.flags,
    exemplars:
      point.exemplars && point.exemplars.length > 0 ? JSON.stringify(point.exemplars.map(exemplar)) : null,
  };
}

function numberPoint(point: NumberDataPoint): Row {
  return { ...pointFields(point), ...valueFields(point.value) };
}

function valueFields(value: NumberDataPoint['value']): Row {
  if (value?.$case === 'asInt') return { value: Number(value.value), value_int: int64(value.value) };
  return { value: value === undefined ? null : double(value.value) };
}

function histogramPoint(point: HistogramDataPoint): Row {
  return {
    ...pointFields(point),
    ...distribution(point),
    bucket_counts: point.bucketCounts.map(int64),
    explicit_bounds: point.explicitBounds.map(double),
  };
}

function exponentialPoint(point: ExponentialHistogramDataPoint): Row {
  return {
    ...pointFields(point),
    ...distribution(point),
    exponential: JSON.stringify({
      scale: point.scale,
      zero_count: count(point.zeroCount),
      zero_threshold: double(point.zeroThreshold),
      positive: buckets(point.positive),
      negative: buckets(point.negative),
    }),
  };
}

function summaryPoint(point: SummaryDataPoint): Row {
  return {
    ...pointFields(point),
    count: int64(point.count),
    sum: double(point.sum),
    quantiles: JSON.stringify(
      point.quantileValues.map(({ quantile, value }) => ({ quantile, value: double(value) })),
    ),
  };
}

function distribution(point: HistogramDataPoint | ExponentialHistogramDataPoint): Row {
  return {
    count: int64(point.count),
    sum: optional(point.sum),
    min: optional(point.min),
    max: optional(point.max),
  };
}

const optional = (value: number | undefined): Json => (value === undefined ? null : double(value));

const count = (value: bigint): Json =>
  Number.isSafeInteger(Number(value)) ? Number(value) : value.toString();

const buckets = (of: ExponentialHistogramDataPoint_Buckets | undefined): Json =>
  of === undefined ? null : { offset: of.offset, counts: of.bucketCounts.map(count) };

const exemplar = (of: Exemplar): Json => ({
  time_unix_nano: of.timeUnixNano.toString(),
  value: of.value?.$case === 'asInt' ? count(of.value.value) : optional(of.value?.value),
  trace_id: hex(of.traceId),
  span_id: hex(of.spanId),
  attributes: structFromKeyValues(of.filteredAttributes),
});
