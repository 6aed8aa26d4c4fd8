import { ValueType, type Attributes } from '@opentelemetry/api';
import { OTLPMetricExporter } from '@opentelemetry/exporter-metrics-otlp-proto';
import { OTLPTraceExporter } from '@opentelemetry/exporter-trace-otlp-proto';
import { millisToHrTime } from '@opentelemetry/core';
import { resourceFromAttributes } from '@opentelemetry/resources';
import {
  AggregationTemporality,
  DataPointType,
  type MetricData as StockMetric,
} from '@opentelemetry/sdk-metrics';
import { BatchSpanProcessor, type ReadableSpan as StockSpan } from '@opentelemetry/sdk-trace-base';
import type { LogLine } from '@unhinged/observability-core';
import { BATCH } from './batch.js';
import { counted, type SignalStats } from './counted.js';
import { startLogging } from './logging.js';
import type { MetricData } from './metrics/metric-data.js';
import type { WebSettings } from './options.js';
import type { ReadableSpan } from './recorder/span.js';

/** The way out by OpenTelemetry's exporters. */
export function stockDelivery(settings: WebSettings, attributes: Attributes) {
  const resource = resourceFromAttributes(attributes);
  const logging = startLogging(settings, resource);
  const spans: SignalStats = { recorded: 0, sent: 0, failed: 0 };
  const batches = new BatchSpanProcessor(
    counted(new OTLPTraceExporter({ url: `${settings.endpoint}/v1/traces` }), 'Spans', spans),
    BATCH,
  );
  const exporter = new OTLPMetricExporter({ url: `${settings.endpoint}/v1/metrics` });
  const sending = new Set<Promise<void>>();
  return {
    addSpan(span: ReadableSpan) {
      spans.recorded++;
      batches.onEnd(Object.create(span, { resource: { value: resource } }) as StockSpan);
    },
    addLine(line: LogLine) {
      logging.record(line);
    },
    addMetrics(list: MetricData[]) {
      if (list.length === 0) return;
      const sent = new Promise<void>((resolve) => {
        exporter.export({ resource, scopeMetrics: list.map(toStock) }, () => {
          resolve();
        });
      });
      sending.add(sent);
      void sent.then(() => sending.delete(sent));
    },
    async flush() {
      await Promise.allSettled([logging.flush(), batches.forceFlush(), ...sending]);
    },
    async stop() {
      await Promise.allSettled([logging.stop(), batches.shutdown(), ...sending]);
      await exporter.shutdown();
    },
    stats: () => ({ spans: { ...spans }, logs: { ...logging.stats } }),
  };
}

function toStock(metric: MetricData): { scope: { name: string }; metrics: StockMetric[] } {
  const { name, unit, description, scope } = metric;
  const common = {
    descriptor: { name, unit, description, valueType: ValueType.DOUBLE },
    aggregationTemporality:
      metric.temporality === 'delta' ? AggregationTemporality.DELTA : AggregationTemporality.CUMULATIVE,
  };
  const at = { startTime: millisToHrTime(metric.startMs), endTime: millisToHrTime(metric.timeMs) };
  if (metric.kind !== 'histogram') {
    const dataPoints = metric.points.map(({ attributes, value }) => ({ ...at, attributes, value }));
    const kind =
      metric.kind === 'gauge'
        ? ({ dataPointType: DataPointType.GAUGE } as const)
        : ({ dataPointType: DataPointType.SUM, isMonotonic: metric.monotonic } as const);
    return { scope: { name: scope }, metrics: [{ ...common, ...kind, dataPoints }] };
  }
  const dataPoints = metric.points.flatMap(({ attributes, value: sum, histogram }) =>
    histogram
      ? [
          {
            ...at,
            attributes,
            value: {
              sum,
              count: histogram.count,
              min: histogram.min,
              max: histogram.max,
              buckets: { boundaries: [...histogram.bounds], counts: histogram.buckets },
            },
          },
        ]
      : [],
  );
  return {
    scope: { name: scope },
    metrics: [{ ...common, dataPointType: DataPointType.HISTOGRAM, dataPoints }],
  };
}
