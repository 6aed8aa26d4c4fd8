import type { MetricData, MetricPoint } from '../metrics/metric-data.js';
import { writeAttributes } from './encode-attributes.js';
import type { ProtoWriter } from './proto-writer.js';

const KINDS = { gauge: 5, sum: 7, histogram: 9 } as const;
const TEMPORALITIES = { delta: 1, cumulative: 2 } as const;

/** The fields of an OTLP `Metric` (opentelemetry/proto/metrics/v1/metrics.proto); all values are doubles. */
export function writeMetric(writer: ProtoWriter, metric: MetricData): void {
  const { kind } = metric;
  writer.text(1, metric.name);
  writer.text(2, metric.description);
  writer.text(3, metric.unit);
  writer.nested(KINDS[kind], () => {
    for (const point of metric.points) {
      writer.nested(1, () => {
        writer.timeMs(2, metric.startMs);
        writer.timeMs(3, metric.timeMs);
        if (kind === 'histogram') writeHistogramPoint(writer, point);
        else writer.double(4, point.value);
        writeAttributes(writer, kind === 'histogram' ? 9 : 7, point.attributes);
      });
    }
    if (kind !== 'gauge') writer.int(2, TEMPORALITIES[metric.temporality]);
    if (kind === 'sum' && metric.monotonic) writer.int(3, 1);
  });
}

function writeHistogramPoint(writer: ProtoWriter, { value: sum, histogram }: MetricPoint): void {
  if (!histogram) return;
  writer.fixed64(4, histogram.count);
  writer.double(5, sum);
  writer.nested(6, () => {
    for (const count of histogram.buckets) writer.pushFixed64(count);
  });
  writer.nested(7, () => {
    for (const bound of histogram.bounds) writer.pushDouble(bound);
  });
  writer.double(11, histogram.min);
  writer.double(12, histogram.max);
}
