import { SeverityNumber, logs } from '@opentelemetry/api-logs';
import { OTLPLogExporter } from '@opentelemetry/exporter-logs-otlp-proto';
import { resourceFromAttributes, type Resource } from '@opentelemetry/resources';
import { BatchLogRecordProcessor, LoggerProvider } from '@opentelemetry/sdk-logs';
import { ATTR_SERVICE_NAME } from '@opentelemetry/semantic-conventions';
import { recordAttributes, type LogLevel, type LogLine } from '@unhinged/observability-core';
import { BATCH } from './batch.js';
import { counted, type SignalStats } from './counted.js';
import type { WebSettings } from './options.js';
import type { Signal } from './signal.js';

const severities: Readonly<Record<LogLevel, SeverityNumber>> = {
  trace: SeverityNumber.TRACE,
  debug: SeverityNumber.DEBUG,
  info: SeverityNumber.INFO,
  warn: SeverityNumber.WARN,
  error: SeverityNumber.ERROR,
  fatal: SeverityNumber.FATAL,
};

/** Loggers for more services than this share the resource of the page: a provider each must stay few. */
const MAX_SERVICES = 32;

/** Logs: lines of our logger with D or L, as OTLP records; and those of anyone who uses the OpenTelemetry logs API. */
export function startLogging(
  settings: WebSettings,
  resource: Resource,
): Signal & { stats: SignalStats; record(line: LogLine): void } {
  const { maxQueueSize, maxExportBatchSize, scheduledDelayMillis, exportTimeoutMillis } = BATCH;
  const stats: SignalStats = { recorded: 0, sent: 0, failed: 0 };
  const processor = new BatchLogRecordProcessor({
    exporter: counted(new OTLPLogExporter({ url: `${settings.endpoint}/v1/logs` }), 'Log records', stats),
    maxQueueSize,
    maxExportBatchSize,
    scheduledDelayMillis,
    exportTimeoutMillis,
  });
  const own = new LoggerProvider({ resource, processors: [processor] });
  logs.setGlobalLoggerProvider(own);
  const providers = new Map([[settings.service, own]]);

  // A record's service is that of its resource, so a logger with a service of its own gets a provider of its own.
  const providerOf = (service: string): LoggerProvider => {
    const known = providers.get(service);
    if (known || providers.size >= MAX_SERVICES) return known ?? own;
    const other = resource.merge(resourceFromAttributes({ [ATTR_SERVICE_NAME]: service }));
    const provider = new LoggerProvider({ resource: other, processors: [processor] });
    providers.set(service, provider);
    return provider;
  };

  return {
    stats,
    record(line) {
      stats.recorded++;
      providerOf(line.service)
        .getLogger(line.component === '' ? '@unhinged/observability-web' : line.component)
        .emit({
          timestamp: line.epochMs,
          severityNumber: severities[line.level],
          severityText: line.level.toUpperCase(),
          body: line.message,
          attributes: recordAttributes(line),
        });
    },
    flush: () => own.forceFlush(),
    async stop() {
      await own.shutdown();
      logs.disable();
    },
  };
}
