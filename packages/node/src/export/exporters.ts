import { createRequire } from 'node:module';
import type { Metadata as GrpcMetadata } from '@grpc/grpc-js';
import type { LogRecordExporter } from '@opentelemetry/sdk-logs';
import type { PushMetricExporter } from '@opentelemetry/sdk-metrics';
import type { SpanExporter } from '@opentelemetry/sdk-trace-base';
import type { Protocol } from '../config/options.js';
import type { SignalConfig, SignalName } from '../config/resolve.js';
import { unrefAgentFactory } from './unref-agent.js';

// Exporters are CommonJS packages, loaded when chosen: gRPC alone costs tens of milliseconds at start-up.
const require = createRequire(import.meta.url);

interface ExporterOf {
  traces: SpanExporter;
  metrics: PushMetricExporter;
  logs: LogRecordExporter;
}

const PACKAGES: Record<SignalName, string> = { traces: 'trace', metrics: 'metrics', logs: 'logs' };
const CLASSES: Record<SignalName, string> = {
  traces: 'OTLPTraceExporter',
  metrics: 'OTLPMetricExporter',
  logs: 'OTLPLogExporter',
};
const SUFFIXES: Record<Protocol, string> = { grpc: 'grpc', 'http/protobuf': 'proto', 'http/json': 'http' };

/** The stock OTLP exporter for a signal. Certificates, timeouts and headers of the environment are its own reading. */
export function createOtlpExporter<S extends SignalName>(signal: S, config: SignalConfig): ExporterOf[S] {
  const { protocol, url, headers, compression } = config;
  const name = `@opentelemetry/exporter-${PACKAGES[signal]}-otlp-${SUFFIXES[protocol]}`;
  const exports = require(name) as Record<string, new (options: object) => ExporterOf[S]>;
  const Exporter = exports[CLASSES[signal]];
  if (Exporter === undefined) throw new Error(`${name} has no ${CLASSES[signal]}`);
  return protocol === 'grpc'
    ? new Exporter({ url, compression, metadata: grpcMetadata(headers) })
    : new Exporter({ url, compression, headers, httpAgentOptions: unrefAgentFactory });
}

function grpcMetadata(headers: Record<string, string>): GrpcMetadata {
  const { Metadata } = require('@grpc/grpc-js') as typeof import('@grpc/grpc-js');
  const metadata = new Metadata();
  for (const [key, value] of Object.entries(headers)) metadata.set(key, value);
  return metadata;
}
