import { Console } from 'node:console';
import { createRequire } from 'node:module';
import {
  context,
  diag,
  DiagLogLevel,
  metrics,
  propagation,
  trace,
  type TextMapPropagator,
} from '@opentelemetry/api';
import { logs } from '@opentelemetry/api-logs';
import { AsyncLocalStorageContextManager } from '@opentelemetry/context-async-hooks';
import { CompositePropagator, W3CTraceContextPropagator } from '@opentelemetry/core';
import type * as B3 from '@opentelemetry/propagator-b3';
import type * as Jaeger from '@opentelemetry/propagator-jaeger';
import type { Resource } from '@opentelemetry/resources';
import { LoggerProvider } from '@opentelemetry/sdk-logs';
import { MeterProvider } from '@opentelemetry/sdk-metrics';
import type { PropagatorName, SdkSettings } from './config/sdk-settings.js';
import type { Pipelines } from './pipelines.js';
import { IdsBaggagePropagator } from './request/ids-propagator.js';
import { RecordingTracerProvider, type Recorder } from './trace/tracer.js';

const require = createRequire(import.meta.url);

/**
 * Makes the providers of the three signals, with context and propagation, the global ones of the OpenTelemetry API. Not by NodeSDK:
 * that loads every exporter there is, 70 ms at each start. Returns the way to stop them.
 */
export function startProviders(
  resource: Resource,
  pipelines: Pipelines,
  settings: SdkSettings,
  recorder: Recorder | undefined,
): () => Promise<void> {
  startPropagation(settings.propagators);
  const meterProvider = new MeterProvider({ resource, readers: pipelines.metricReaders });
  metrics.setGlobalMeterProvider(meterProvider);
  const stops = [() => meterProvider.shutdown()];
  if (recorder !== undefined) {
    const tracerProvider = new RecordingTracerProvider(resource, recorder, settings.limits.span);
    trace.setGlobalTracerProvider(tracerProvider);
    stops.push(() => tracerProvider.shutdown());
  }
  if (pipelines.logRecordProcessors.length > 0) {
    const loggerProvider = new LoggerProvider({
      resource,
      processors: pipelines.logRecordProcessors,
      logRecordLimits: settings.limits.logRecord,
    });
    logs.setGlobalLoggerProvider(loggerProvider);
    stops.push(() => loggerProvider.shutdown());
  }
  return async () => {
    await Promise.all(stops.map((stop) => stop()));
  };
}

/** Context and headers, which also a disabled SDK passes on (specification, `OTEL_SDK_DISABLED`). */
export function startPropagation(names: readonly PropagatorName[]): void {
  context.setGlobalContextManager(new AsyncLocalStorageContextManager().enable());
  propagation.setGlobalPropagator(
    new CompositePropagator({ propagators: names.map((name) => PROPAGATORS[name]()) }),
  );
}

const b3 = () => require('@opentelemetry/propagator-b3') as typeof B3;

const PROPAGATORS: Readonly<Record<PropagatorName, () => TextMapPropagator>> = {
  tracecontext: () => new W3CTraceContextPropagator(),
  baggage: () => new IdsBaggagePropagator(),
  b3: () => new (b3().B3Propagator)(),
  b3multi: () => new (b3().B3Propagator)({ injectEncoding: b3().B3InjectEncoding.MULTI_HEADER }),
  // eslint-disable-next-line @typescript-eslint/no-deprecated -- still in the specification's list of OTEL_PROPAGATORS
  jaeger: () => new (require('@opentelemetry/propagator-jaeger') as typeof Jaeger).JaegerPropagator(),
};

/** `OTEL_LOG_LEVEL`: what OpenTelemetry has to say about itself, on stderr, where it is in no log of the application. */
export function startDiagnostics(level: SdkSettings['diagnostics']): void {
  if (level === undefined) return;
  const out = new Console({ stdout: process.stderr, ignoreErrors: true });
  const say = (message: string, ...args: unknown[]) => {
    out.log(message, ...args);
  };
  diag.setLogger(
    { error: say, warn: say, info: say, debug: say, verbose: say },
    { logLevel: LEVELS[level], suppressOverrideMessage: true },
  );
}

const LEVELS = {
  none: DiagLogLevel.NONE,
  error: DiagLogLevel.ERROR,
  warn: DiagLogLevel.WARN,
  info: DiagLogLevel.INFO,
  debug: DiagLogLevel.DEBUG,
  verbose: DiagLogLevel.VERBOSE,
  all: DiagLogLevel.ALL,
};
