import { createRequire } from 'node:module';
import { ConsoleMetricExporter, PeriodicExportingMetricReader } from '@opentelemetry/sdk-metrics';
import type { IMetricReader, PushMetricExporter } from '@opentelemetry/sdk-metrics';
import {
  ConsoleLogRecordExporter,
  SimpleLogRecordProcessor,
  type LogRecordProcessor,
} from '@opentelemetry/sdk-logs';
import type * as Prometheus from '@opentelemetry/exporter-prometheus';
import type { Report } from './config/read-env.js';
import type { ResolvedConfig, SignalName } from './config/resolve.js';
import { otlpLogSink, otlpMetricExporter, otlpSpanSink, type Ending } from './export/otlp.js';
import { collectorsAway } from './export/outbox.js';
import { logRecordProcessor } from './export/processors.js';
import type { SpanSink } from './export/span-sink.js';
import { withoutCopies } from './log/bridged.js';
import { PrometheusReader } from './metrics/prometheus-reader.js';
import { consoleSpanSink } from './sampling/console-span-sink.js';
import { redactingSink } from './sampling/redacted-spans.js';
import type { SignalCounts } from './stats.js';

// Loaded when asked for.
const require = createRequire(import.meta.url);

/** The way out of each signal. */
export interface Pipelines {
  /** Of spans that sampling lets go. */
  spanSinks: SpanSink[];
  logRecordProcessors: LogRecordProcessor[];
  metricReaders: IMetricReader[];
  /** One of the readers: renders `/metrics`, also when no metrics are pushed. */
  prometheus: PrometheusReader;
  /** Ends every way out at once: what has not left is dropped, or stays in the spool. */
  end: () => Promise<void>;
  /** Resolves when attempts from now on show that no collector is there for what waits. */
  away: () => Promise<void>;
  /** Gives up connections, so that nothing holds a process that is over. */
  disconnect: () => void;
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
  const endings: Ending[] = [];
  const ending = <T extends Ending>(out: T): T => {
    endings.push(out);
    return out;
  };
  return {
    spanSinks: build<SpanSink>('traces', traces.exporters, report, {
      otlp: () => ending(otlpSpanSink(config, counts.spans)),
      console: () => consoleSpanSink(),
    }).map((sink) => redactingSink(sink, config.redaction)),
    logRecordProcessors: build<LogRecordProcessor>('logs', logs.exporters, report, {
      otlp: () => logRecordProcessor(ending(otlpLogSink(config, counts.logs)), counts.logs),
      console: () => new SimpleLogRecordProcessor({ exporter: new ConsoleLogRecordExporter() }),
    }).map(withoutCopies),
    metricReaders: [
      prometheus,
      ...build<IMetricReader>('metrics', metrics.exporters, report, {
        otlp: () => reader(ending(otlpMetricExporter(config, counts.metrics))),
        console: () => reader(new ConsoleMetricExporter()),
        // The variable asks for a port, beside metricsHandler.
        prometheus: () => {
          const { PrometheusExporter } = require('@opentelemetry/exporter-prometheus') as typeof Prometheus;
          return new PrometheusExporter(config.prometheus);
        },
      }),
    ],
    prometheus,
    end: async () => {
      await Promise.all(endings.map((out) => out.end()));
    },
    away: () => collectorsAway(endings.map((out) => out.outbox)),
    disconnect: () => {
      for (const out of endings) out.outbox.disconnect();
    },
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
