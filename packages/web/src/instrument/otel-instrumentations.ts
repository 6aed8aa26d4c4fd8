import { metrics, trace, type MeterProvider, type TracerProvider } from '@opentelemetry/api';
import { reportProblem } from '../report.js';
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

/** Runs instrumentations that are not ours with the providers of the page. One that throws is told of. */
export function otelInstrumentations(list: readonly OtelInstrumentation[]): Instrument {
  return () => {
    const each = (run: (one: OtelInstrumentation) => void) => {
      for (const one of list) {
        try {
          run(one);
        } catch (error) {
          reportProblem('An instrumentation given to startWeb failed.', error);
        }
      }
    };
    each((one) => {
      one.setTracerProvider(trace.getTracerProvider());
      one.setMeterProvider?.(metrics.getMeterProvider());
      one.enable();
    });
    return () => {
      each((one) => {
        one.disable();
      });
    };
  };
}
