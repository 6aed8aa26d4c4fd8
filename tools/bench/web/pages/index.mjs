// The pages that are measured: each starts an SDK the way its documentation says. `__OTLP__` is the address of the receiver.
const ours = `'@unhinged/observability-web'`;
const options = `{ service: 'shop', version: '1.0.0', endpoint: __OTLP__, environment: 'development' }`;

/** Ours, by what a page uses of it. */
export const OURS = {
  everything: `import { startWeb, createLogger, trace, within } from ${ours};
    globalThis.sdk = startWeb(${options}); globalThis.api = { createLogger, trace, within };`,
  core: `import { startWebWith, traceFetch, captureErrors, createLogger, trace, within } from ${ours};
    globalThis.sdk = startWebWith(${options}, [traceFetch(), captureErrors()]);
    globalThis.api = { createLogger, trace, within };`,
  logsAndErrors: `import { startWebWith, captureErrors, createLogger } from ${ours};
    globalThis.sdk = startWebWith(${options}, [captureErrors()]); globalThis.api = { createLogger };`,
  loggerOnly: `import { createLogger } from ${ours}; globalThis.api = { createLogger };`,
  nothing: `import ${ours};`,
};

/** Vanilla OpenTelemetry: traces and logs, fetch, XHR, load, interaction, errors, vitals. */
const otel = (format) => `
  import { logs, SeverityNumber } from '@opentelemetry/api-logs';
  import { OTLPTraceExporter } from '@opentelemetry/exporter-trace-otlp-${format}';
  import { OTLPLogExporter } from '@opentelemetry/exporter-logs-otlp-proto';
  import { registerInstrumentations } from '@opentelemetry/instrumentation';
  import { DocumentLoadInstrumentation } from '@opentelemetry/instrumentation-document-load';
  import { FetchInstrumentation } from '@opentelemetry/instrumentation-fetch';
  import { UserInteractionInstrumentation } from '@opentelemetry/instrumentation-user-interaction';
  import { XMLHttpRequestInstrumentation } from '@opentelemetry/instrumentation-xml-http-request';
  import { resourceFromAttributes } from '@opentelemetry/resources';
  import { BatchLogRecordProcessor, LoggerProvider } from '@opentelemetry/sdk-logs';
  import { BatchSpanProcessor, WebTracerProvider } from '@opentelemetry/sdk-trace-web';
  import { onCLS, onINP, onLCP } from 'web-vitals/attribution';
  const resource = resourceFromAttributes({ 'service.name': 'shop', 'service.version': '1.0.0' });
  const own = [new RegExp('^' + __OTLP__)];
  const provider = new WebTracerProvider({ resource,
    spanProcessors: [new BatchSpanProcessor(new OTLPTraceExporter({ url: __OTLP__ + '/v1/traces' }), { scheduledDelayMillis: 1000 })] });
  provider.register();
  const loggers = new LoggerProvider({ resource,
    processors: [new BatchLogRecordProcessor({ exporter: new OTLPLogExporter({ url: __OTLP__ + '/v1/logs' }) })] });
  logs.setGlobalLoggerProvider(loggers);
  const logger = logs.getLogger('page');
  addEventListener('error', ({ error, message }) => logger.emit({ severityNumber: SeverityNumber.ERROR, body: message,
    attributes: { 'exception.stacktrace': error?.stack } }));
  for (const on of [onCLS, onINP, onLCP]) on((metric) => logger.emit({ eventName: 'browser.web_vital',
    attributes: { 'browser.web_vital.name': metric.name, 'browser.web_vital.value': metric.value } }));
  registerInstrumentations({ instrumentations: [
    new DocumentLoadInstrumentation({ ignoreUrls: own }), new FetchInstrumentation({ ignoreUrls: own }),
    new XMLHttpRequestInstrumentation({ ignoreUrls: own }), new UserInteractionInstrumentation(),
  ] });
  globalThis.sdk = { flush: () => Promise.all([provider.forceFlush(), loggers.forceFlush()]) };`;

const faro = (tracing) => `
  import { getWebInstrumentations, initializeFaro } from '@grafana/faro-web-sdk';
  ${tracing ? `import { TracingInstrumentation } from '@grafana/faro-web-tracing';` : ''}
  globalThis.sdk = initializeFaro({ url: __OTLP__ + '/collect', app: { name: 'shop', version: '1.0.0' },
    instrumentations: [...getWebInstrumentations(), ${tracing ? 'new TracingInstrumentation()' : ''}] });`;

/** The peers, as they are advertised for the same purpose. */
export const PEERS = {
  'OpenTelemetry (protobuf)': otel('proto'),
  'OpenTelemetry (JSON)': otel('http'),
  'Faro without tracing': faro(false),
  'Faro with tracing': faro(true),
  'Sentry with tracing': `
    import * as Sentry from '@sentry/browser';
    Sentry.init({ dsn: __OTLP__.replace('://', '://key@') + '/1', release: '1.0.0', tracesSampleRate: 1,
      integrations: [Sentry.browserTracingIntegration()], enableLogs: true });
    globalThis.sdk = { flush: () => Sentry.flush(), span: (run) => Sentry.startSpan({ name: 'bench' }, run),
      inSpan: (run) => Sentry.startSpan({ name: 'bench' }, run),
      makeSpan: (name, attributes) => Sentry.startInactiveSpan({ name, attributes }).end() };`,
};
