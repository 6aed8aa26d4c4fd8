import { metrics, trace, type MeterProvider, type TracerProvider } from '@opentelemetry/api';
import type { Instrument } from './instrument.js';

/** What we need of an `Instrumentation` of `@opentelemetry/instrumentation`, so that this package is not needed for it. */
export interface OtelInstrumentation {
  enable(): void;
  disable(): void;
  setTracerProvider(provider: TracerProvider): void;
  setMeterProvider?(provider: MeterProvider): void;
}

export const isInstrumentation = (value: unknown): value is OtelInstrumentation =>
  (['enable', 'disable', 'setTracerProvider'] as const).every(
    (method) => typeof (value as Partial<OtelInstrumentation> | null)?.[method] === 'function',
  );

/** Runs an instrumentation that is not ours with the providers of the page. */
export const otelInstrumentation =
  (one: OtelInstrumentation): Instrument =>
  () => {
    one.setTracerProvider(trace.getTracerProvider());
    one.setMeterProvider?.(metrics.getMeterProvider());
    one.enable();
    return () => {
      one.disable();
    };
  };
