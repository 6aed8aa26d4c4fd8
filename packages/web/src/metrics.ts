import { SpanKind, metrics } from '@opentelemetry/api';
import { OTLPMetricExporter } from '@opentelemetry/exporter-metrics-otlp-proto';
import type { Resource } from '@opentelemetry/resources';
import { MeterProvider, PeriodicExportingMetricReader } from '@opentelemetry/sdk-metrics';
import type { ReadableSpan } from '@opentelemetry/sdk-trace-base';
import {
  ATTR_ERROR_TYPE,
  ATTR_HTTP_REQUEST_METHOD,
  ATTR_HTTP_RESPONSE_STATUS_CODE,
  ATTR_SERVER_ADDRESS,
  ATTR_SERVER_PORT,
  METRIC_HTTP_CLIENT_REQUEST_DURATION,
} from '@opentelemetry/semantic-conventions';
import type { WebSettings } from './options.js';
import type { Signal } from './signal.js';

/** Attributes of the duration, as the semantic conventions for HTTP metrics name them: all of few values. */
const KEPT = [
  ATTR_HTTP_REQUEST_METHOD,
  ATTR_HTTP_RESPONSE_STATUS_CODE,
  ATTR_SERVER_ADDRESS,
  ATTR_SERVER_PORT,
  ATTR_ERROR_TYPE,
] as const;

/** Bucket bounds in seconds, from the semantic conventions for `http.client.request.duration`. */
const BOUNDS = [0.005, 0.01, 0.025, 0.05, 0.075, 0.1, 0.25, 0.5, 0.75, 1, 2.5, 5, 7.5, 10];

/** Metrics: what the application records itself, and the duration of its requests. */
export function startMetrics(
  settings: WebSettings,
  resource: Resource,
): Signal & { recordRequest(span: ReadableSpan): void } {
  const reader = new PeriodicExportingMetricReader({
    exporter: new OTLPMetricExporter({ url: `${settings.endpoint}/v1/metrics` }),
    exportIntervalMillis: settings.metricIntervalMs,
    exportTimeoutMillis: Math.min(settings.metricIntervalMs, 10_000),
  });
  const provider = new MeterProvider({ resource, readers: [reader] });
  metrics.setGlobalMeterProvider(provider);
  const duration = provider
    .getMeter('@unhinged/observability-web')
    .createHistogram(METRIC_HTTP_CLIENT_REQUEST_DURATION, {
      unit: 's',
      description: 'Duration of HTTP client requests.',
      advice: { explicitBucketBoundaries: BOUNDS },
    });
  return {
    recordRequest(span) {
      if (span.kind !== SpanKind.CLIENT || span.attributes[ATTR_HTTP_REQUEST_METHOD] === undefined) return;
      const [seconds, nanos] = span.duration;
      const kept = KEPT.flatMap((key) => {
        const value = span.attributes[key];
        return value === undefined ? [] : [[key, value] as const];
      });
      duration.record(seconds + nanos / 1e9, Object.fromEntries(kept));
    },
    flush: () => provider.forceFlush(),
    async stop() {
      await provider.shutdown();
      metrics.disable();
    },
  };
}
