import { createRequire } from 'node:module';
import type * as Grpc from '@grpc/grpc-js';
import type * as LogsGrpc from '@opentelemetry/exporter-logs-otlp-grpc';
import type * as LogsJson from '@opentelemetry/exporter-logs-otlp-http';
import type * as LogsProto from '@opentelemetry/exporter-logs-otlp-proto';
import type * as MetricsGrpc from '@opentelemetry/exporter-metrics-otlp-grpc';
import type * as MetricsJson from '@opentelemetry/exporter-metrics-otlp-http';
import type * as MetricsProto from '@opentelemetry/exporter-metrics-otlp-proto';
import type * as TraceGrpc from '@opentelemetry/exporter-trace-otlp-grpc';
import type * as TraceJson from '@opentelemetry/exporter-trace-otlp-http';
import type * as TraceProto from '@opentelemetry/exporter-trace-otlp-proto';
import type { LogRecordExporter } from '@opentelemetry/sdk-logs';
import type { PushMetricExporter } from '@opentelemetry/sdk-metrics';
import type { SpanExporter } from '@opentelemetry/sdk-trace-base';
import type { Protocol } from '../config/options.js';
import type { SignalConfig, SignalName } from '../config/resolve.js';
import { unrefAgentFactory } from './unref-agent.js';

// The exporters are CommonJS packages, loaded when chosen: gRPC alone costs tens of milliseconds at start-up.
const require = createRequire(import.meta.url);

interface ExporterOf {
  traces: SpanExporter;
  metrics: PushMetricExporter;
  logs: LogRecordExporter;
}
type Make<S extends SignalName> = new (options: object) => ExporterOf[S];

const LOAD: { [S in SignalName]: Record<Protocol, () => Make<S>> } = {
  traces: {
    grpc: () => (require('@opentelemetry/exporter-trace-otlp-grpc') as typeof TraceGrpc).OTLPTraceExporter,
    'http/protobuf': () =>
      (require('@opentelemetry/exporter-trace-otlp-proto') as typeof TraceProto).OTLPTraceExporter,
    'http/json': () =>
      (require('@opentelemetry/exporter-trace-otlp-http') as typeof TraceJson).OTLPTraceExporter,
  },
  metrics: {
    grpc: () =>
      (require('@opentelemetry/exporter-metrics-otlp-grpc') as typeof MetricsGrpc).OTLPMetricExporter,
    'http/protobuf': () =>
      (require('@opentelemetry/exporter-metrics-otlp-proto') as typeof MetricsProto).OTLPMetricExporter,
    'http/json': () =>
      (require('@opentelemetry/exporter-metrics-otlp-http') as typeof MetricsJson).OTLPMetricExporter,
  },
  logs: {
    grpc: () => (require('@opentelemetry/exporter-logs-otlp-grpc') as typeof LogsGrpc).OTLPLogExporter,
    'http/protobuf': () =>
      (require('@opentelemetry/exporter-logs-otlp-proto') as typeof LogsProto).OTLPLogExporter,
    'http/json': () => (require('@opentelemetry/exporter-logs-otlp-http') as typeof LogsJson).OTLPLogExporter,
  },
};

/** The stock OTLP exporter for a signal. Certificates, timeouts and headers of the environment are its own reading. */
export function createOtlpExporter<S extends SignalName>(signal: S, config: SignalConfig): ExporterOf[S] {
  const { protocol, url, headers, compression } = config;
  const Exporter = LOAD[signal][protocol]();
  return protocol === 'grpc'
    ? new Exporter({ url, compression, metadata: grpcMetadata(headers) })
    : new Exporter({ url, compression, headers, httpAgentOptions: unrefAgentFactory });
}

function grpcMetadata(headers: Record<string, string>): Grpc.Metadata {
  const { Metadata } = require('@grpc/grpc-js') as typeof Grpc;
  const metadata = new Metadata();
  for (const [key, value] of Object.entries(headers)) metadata.set(key, value);
  return metadata;
}
