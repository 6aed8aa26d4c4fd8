import {
  metrics,
  type Attributes,
  type BatchObservableCallback,
  type Meter,
  type MeterProvider,
  type MetricOptions,
  type Observable,
  type ObservableCallback,
} from '@opentelemetry/api';
import type { Instrument } from '../instrument/instrument.js';
import type { Aggregator, MetricSpec } from './aggregator.js';

/** Default bounds of the metrics SDK specification. */
const BOUNDS = [0, 5, 10, 25, 50, 75, 100, 250, 500, 750, 1_000, 2_500, 5_000, 7_500, 10_000];

/** What the page measures itself with `metrics` of `@opentelemetry/api` goes the way of our own metrics. */
export function metricsApi(): Instrument {
  return (page) => {
    // Where the page has registered one before, that stays, and is not ours to disable.
    const isOurs = metrics.setGlobalMeterProvider(meterProvider(page.metrics));
    return () => {
      if (isOurs) metrics.disable();
    };
  };
}

export function meterProvider(aggregator: Aggregator): MeterProvider {
  return { getMeter: (scope) => meter(aggregator, scope) };
}

function meter(aggregator: Aggregator, scope: string): Meter {
  const specOf = (
    name: string,
    options: MetricOptions | undefined,
    rest: Omit<MetricSpec, 'name'>,
  ): MetricSpec => ({
    name,
    scope,
    unit: options?.unit ?? '',
    description: options?.description ?? '',
    ...rest,
  });
  const write = (spec: MetricSpec) => (value: number, attributes?: Attributes) => {
    aggregator.record(spec, value, attributes);
  };
  const specs = new WeakMap<Observable, MetricSpec>();
  const observable = (spec: MetricSpec): Observable => {
    const stops = new Map<ObservableCallback, () => void>();
    const instrument: Observable = {
      addCallback(callback) {
        stops.get(callback)?.();
        const result = {
          observe: (value: number, attributes?: Attributes) => {
            aggregator.set(spec, value, attributes);
          },
        };
        stops.set(
          callback,
          aggregator.observe(() => callback(result)),
        );
      },
      removeCallback(callback) {
        stops.get(callback)?.();
        stops.delete(callback);
      },
    };
    specs.set(instrument, spec);
    return instrument;
  };
  const batches = new Map<BatchObservableCallback, () => void>();
  return {
    createHistogram(name, options) {
      const bounds = options?.advice?.explicitBucketBoundaries ?? BOUNDS;
      return { record: write(specOf(name, options, { kind: 'histogram', bounds })) };
    },
    createCounter(name, options) {
      const add = write(specOf(name, options, { kind: 'sum', monotonic: true }));
      return {
        add(value, attributes) {
          if (value >= 0) add(value, attributes);
        },
      };
    },
    // What goes up and down is only understood as a whole.
    createUpDownCounter: (name, options) => ({
      add: write(specOf(name, options, { kind: 'sum', temporality: 'cumulative' })),
    }),
    createGauge: (name, options) => ({ record: write(specOf(name, options, { kind: 'gauge' })) }),
    createObservableCounter: (name, options) =>
      observable(specOf(name, options, { kind: 'sum', monotonic: true, temporality: 'cumulative' })),
    createObservableUpDownCounter: (name, options) =>
      observable(specOf(name, options, { kind: 'sum', temporality: 'cumulative' })),
    createObservableGauge: (name, options) => observable(specOf(name, options, { kind: 'gauge' })),
    addBatchObservableCallback(callback) {
      batches.get(callback)?.();
      const result = {
        observe: (instrument: Observable, value: number, attributes?: Attributes) => {
          const spec = specs.get(instrument);
          if (spec) aggregator.set(spec, value, attributes);
        },
      };
      batches.set(
        callback,
        aggregator.observe(() => callback(result)),
      );
    },
    removeBatchObservableCallback(callback) {
      batches.get(callback)?.();
      batches.delete(callback);
    },
  };
}
