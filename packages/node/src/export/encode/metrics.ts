import { ValueType, type Attributes } from '@opentelemetry/api';
import {
  AggregationTemporality,
  DataPointType,
  type DataPoint,
  type ExponentialHistogram,
  type Histogram,
  type MetricData,
} from '@opentelemetry/sdk-metrics';
import type { Exemplar } from '../../metrics/exemplars.js';
import type { ProtoWriter } from './proto-writer.js';
import { writeAttributes } from './values.js';

/** Field numbers of the `data` oneof of `Metric`. */
const FIELD_OF: Readonly<Record<DataPointType, number>> = {
  [DataPointType.GAUGE]: 5,
  [DataPointType.SUM]: 7,
  [DataPointType.HISTOGRAM]: 9,
  [DataPointType.EXPONENTIAL_HISTOGRAM]: 10,
};

/** Exemplars of a data point, by the name of its metric and its attributes. */
export type ExemplarsOf = (metric: string, attributes: Attributes) => readonly Exemplar[];
const none: ExemplarsOf = () => [];

/** One `Metric` with its length in front (opentelemetry/proto/metrics/v1/metrics.proto). */
export function writeMetric(writer: ProtoWriter, metric: MetricData, exemplarsOf: ExemplarsOf = none): void {
  const start = writer.begin(2);
  const { name, description, unit, valueType } = metric.descriptor;
  writer.tag(1, 2);
  writer.string(name);
  writer.tag(2, 2);
  writer.string(description);
  writer.tag(3, 2);
  writer.string(unit);
  writer.tag(FIELD_OF[metric.dataPointType], 2);
  const data = writer.begin(2);
  switch (metric.dataPointType) {
    case DataPointType.GAUGE:
    case DataPointType.SUM:
      for (const point of metric.dataPoints) writeNumber(writer, point, valueType);
      break;
    case DataPointType.HISTOGRAM:
      for (const point of metric.dataPoints) {
        writeHistogram(writer, point, exemplarsOf(name, point.attributes));
      }
      break;
    case DataPointType.EXPONENTIAL_HISTOGRAM:
      for (const point of metric.dataPoints) {
        writeExponential(writer, point, exemplarsOf(name, point.attributes));
      }
  }
  if (metric.dataPointType !== DataPointType.GAUGE) {
    writer.tag(2, 0);
    writer.uint(metric.aggregationTemporality === AggregationTemporality.DELTA ? 1 : 2);
  }
  if (metric.dataPointType === DataPointType.SUM && metric.isMonotonic) {
    writer.tag(3, 0);
    writer.uint(1);
  }
  writer.end(data, 2);
  writer.end(start, 2);
}

function writeNumber(writer: ProtoWriter, point: DataPoint<number>, type: ValueType): void {
  const start = beginPoint(writer, point);
  if (type === ValueType.INT) {
    writer.tag(6, 1);
    writer.fixed64(point.value);
  } else {
    writer.tag(4, 1);
    writer.double(point.value);
  }
  writeAttributes(writer, 7, point.attributes);
  writer.end(start, 1);
}

function writeHistogram(
  writer: ProtoWriter,
  point: DataPoint<Histogram>,
  exemplars: readonly Exemplar[],
): void {
  const start = beginPoint(writer, point);
  const { count, sum, min, max, buckets } = point.value;
  writer.tag(4, 1);
  writer.fixed64(count);
  optionalDouble(writer, 5, sum);
  writer.tag(6, 2);
  writer.uint(buckets.counts.length * 8);
  for (const each of buckets.counts) writer.fixed64(each);
  writer.tag(7, 2);
  writer.uint(buckets.boundaries.length * 8);
  for (const bound of buckets.boundaries) writer.double(bound);
  writeExemplars(writer, 8, exemplars);
  writeAttributes(writer, 9, point.attributes);
  optionalDouble(writer, 11, min);
  optionalDouble(writer, 12, max);
  writer.end(start, 1);
}

function writeExponential(
  writer: ProtoWriter,
  point: DataPoint<ExponentialHistogram>,
  exemplars: readonly Exemplar[],
): void {
  const start = beginPoint(writer, point);
  const { count, sum, scale, zeroCount, positive, negative, min, max } = point.value;
  writeAttributes(writer, 1, point.attributes);
  writer.tag(4, 1);
  writer.fixed64(count);
  optionalDouble(writer, 5, sum);
  writer.tag(6, 0);
  writer.uint(zigzag(scale));
  writer.tag(7, 1);
  writer.fixed64(zeroCount);
  writeBuckets(writer, 8, positive);
  writeBuckets(writer, 9, negative);
  writeExemplars(writer, 11, exemplars);
  optionalDouble(writer, 12, min);
  optionalDouble(writer, 13, max);
  writer.end(start, 1);
}

function writeBuckets(writer: ProtoWriter, field: number, buckets: ExponentialHistogram['positive']): void {
  writer.tag(field, 2);
  const start = writer.begin(1);
  writer.tag(1, 0);
  writer.uint(zigzag(buckets.offset));
  writer.tag(2, 2);
  const counts = writer.begin(1);
  for (const each of buckets.bucketCounts) writer.int64(each);
  writer.end(counts, 1);
  writer.end(start, 1);
}

function writeExemplars(writer: ProtoWriter, field: number, exemplars: readonly Exemplar[]): void {
  for (const { traceId, spanId, value, epochMs } of exemplars) {
    writer.tag(field, 2);
    const start = writer.begin(1);
    writer.tag(2, 1);
    const seconds = Math.floor(epochMs / 1_000);
    writer.time(seconds, Math.floor((epochMs - seconds * 1_000) * 1e6));
    writer.tag(3, 1);
    writer.double(value);
    writer.tag(4, 2);
    writer.hex(spanId);
    writer.tag(5, 2);
    writer.hex(traceId);
    writer.end(start, 1);
  }
}

/** The fields that all points share: start (2) and end (3). */
function beginPoint(writer: ProtoWriter, point: DataPoint<unknown>): number {
  writer.tag(1, 2);
  const start = writer.begin(1);
  writer.tag(2, 1);
  writer.time(point.startTime[0], point.startTime[1]);
  writer.tag(3, 1);
  writer.time(point.endTime[0], point.endTime[1]);
  return start;
}

function optionalDouble(writer: ProtoWriter, field: number, value: number | undefined): void {
  if (value === undefined) return;
  writer.tag(field, 1);
  writer.double(value);
}

function zigzag(value: number): number {
  return ((value << 1) ^ (value >> 31)) >>> 0;
}
