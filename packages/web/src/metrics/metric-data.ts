import type { Attributes } from '@opentelemetry/api';

/** One metric as it leaves: what was measured since it last left (`delta`), or since the start of the page (`cumulative`). */
export interface MetricData {
  name: string;
  unit: string;
  description: string;
  /** Name of the meter, or of the SDK for its own. */
  scope: string;
  kind: 'histogram' | 'sum' | 'gauge';
  temporality: 'delta' | 'cumulative';
  /** Of a sum: can it only grow? */
  monotonic: boolean;
  /** Unix milliseconds. */
  startMs: number;
  timeMs: number;
  points: MetricPoint[];
}

export interface MetricPoint {
  attributes: Attributes;
  /** Of a sum or gauge: the value; of a histogram: the sum of its values. */
  value: number;
  /** Of a histogram only. */
  histogram?: HistogramPoint;
}

export interface HistogramPoint {
  count: number;
  min: number;
  max: number;
  bounds: readonly number[];
  /** One more than there are bounds. */
  buckets: number[];
}
