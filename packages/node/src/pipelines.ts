import { ConsoleMetricExporter, PeriodicExportingMetricReader } from '@opentelemetry/sdk-metrics';
import type { IMetricReader, PushMetricExporter } from '@opentelemetry/sdk-metrics';
import {
  ConsoleLogRecordExporter,
  SimpleLogRecordProcessor,
  type LogRecordProcessor,
} from '@opentelemetry/sdk-logs';
import { PrometheusExporter } from '@opentelemetry/exporter-prometheus';
import { ConsoleSpanExporter, SimpleSpanProcessor, type SpanProcessor } from '@opentelemetry/sdk-trace-base';
import type { Report } from './config/read-env.js';
import type { ResolvedConfig, SignalName } from './config/resolve.js';
import { BatchQueue } from './export/batch-queue.js';
import { countPoints } from './export/counting-metric-exporter.js';
import { createOtlpExporter } from './export/exporters.js';
import { logRecordProcessor, queuedSpanSink, spanProcessor } from './export/processors.js';
import { PrometheusReader } from './metrics/prometheus-reader.js';
import type { SignalCounts } from './stats.js';

/** The way out of each signal. */
export interface Pipelines {
  spanProcessors: SpanProcessor[];
  logRecordProcessors: LogRecordProcessor[];
  metricReaders: IMetricReader[];
  /** One of the readers: renders `/metrics`, also when no metrics are pushed. */
  prometheus: PrometheusReader;
}

export function createPipelines(
  config: ResolvedConfig,
  counts: Readonly<Record<'spans' | 'logs' | 'metrics', SignalCounts>>,
  report: Report,
): Pipelines {
  const { traces, logs, metrics } = config.signals;
  const reader = (exporter: PushMetricExporter) =>
    new PeriodicExportingMetricReader({
      exporter,
      exportIntervalMillis: config.metricIntervalMs,
      exportTimeoutMillis: config.metricTimeoutMs,
    });
  const prometheus = new PrometheusReader();
  return {
    spanProcessors: build('traces', traces.exporters, report, {
      otlp: () =>
        spanProcessor(
          queuedSpanSink(
            new BatchQueue(createOtlpExporter('traces', traces), config.spanBatch, counts.spans, 'spans'),
          ),
          counts.spans,
        ),
      console: () => new SimpleSpanProcessor(new ConsoleSpanExporter()),
    }),
    logRecordProcessors: build('logs', logs.exporters, report, {
      otlp: () =>
        logRecordProcessor(
          new BatchQueue(createOtlpExporter('logs', logs), config.logBatch, counts.logs, 'log records'),
          counts.logs,
        ),
      console: () => new SimpleLogRecordProcessor({ exporter: new ConsoleLogRecordExporter() }),
    }),
    metricReaders: [
      prometheus,
      ...build<IMetricReader>('metrics', metrics.exporters, report, {
        otlp: () => reader(countPoints(createOtlpExporter('metrics', metrics), counts.metrics)),
        console: () => reader(new ConsoleMetricExporter()),
        // The variable asks for a port (OTEL_EXPORTER_PROMETHEUS_HOST and _PORT), beside metricsHandler.
        prometheus: () => new PrometheusExporter(),
      }),
    ],
    prometheus,
  };
}

/** One broken exporter (an unreadable certificate, say) must not take the other signals with it. */
function build<T>(
  signal: SignalName,
  names: readonly string[],
  report: Report,
  makers: Readonly<Record<string, () => T>>,
): T[] {
  return names.flatMap((name) => {
    try {
      const made = makers[name]?.();
      return made === undefined ? [] : [made];
    } catch (error) {
      report(`${signal} are not exported by '${name}': ${String(error)}`);
      return [];
    }
  });
}
