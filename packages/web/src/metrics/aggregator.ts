import type { Attributes } from '@opentelemetry/api';
import type { HistogramPoint, MetricData, MetricPoint } from './metric-data.js';

/** Attribute sets of one metric. What comes beyond is one series `otel.metric.overflow`, as the metrics SDK specification says. */
const MAX_SERIES = 1_000;
const OVERFLOW: Attributes = { 'otel.metric.overflow': true };
/** So many measurements wait: summed up in one go they cost a fraction of what each costs in the middle of the page's own work. */
const MAX_RAW = 64;
const DEFAULTS = {
  unit: '',
  description: '',
  scope: '@unhinged/observability-web',
  temporality: 'delta',
  monotonic: false,
} as const;

/** The same for the same attributes in any order. */
function keyOf(attributes: Attributes): string {
  let key = '';
  for (const name of Object.keys(attributes).sort()) {
    const value = attributes[name];
    // As JSON begins a text, and nothing else.
    key += `${name}\0${typeof value === 'string' ? `"${value}` : JSON.stringify(value)}\0`;
  }
  return key;
}

/** What a metric is, without its values. */
export type MetricSpec = Pick<MetricData, 'name' | 'kind'> &
  Partial<Pick<MetricData, 'unit' | 'description' | 'scope' | 'temporality' | 'monotonic'>> & {
    bounds?: readonly number[];
  };

type Read = () => void | PromiseLike<void>;

interface Metric {
  spec: MetricSpec;
  series: Map<string, MetricPoint>;
  startMs: number;
}

/**
 * Sums up measurements between two collections. Histograms and counters leave as deltas: a page that goes away takes nothing
 * with it but its last seconds, and a receiver adds up thousands of pages without a series for each.
 */
export class Aggregator {
  readonly #metrics = new Map<string, Metric>();
  readonly #observers = new Set<Read>();
  readonly #now: () => number;
  #raw: (() => void)[] = [];
  /** When the last collection was. */
  #since: number;

  constructor(now: () => number = Date.now) {
    this.#now = now;
    this.#since = now();
  }

  /** Adds a value to a sum or a histogram, or replaces that of a gauge. What is no number is ignored. */
  record(spec: MetricSpec, value: number, attributes: Attributes = {}): void {
    if (!Number.isFinite(value)) return;
    const own = { ...attributes };
    const size = this.#raw.push(() => {
      const point = this.#point(this.#metric(spec), own);
      if (spec.kind === 'gauge') point.value = value;
      else point.value += value;
      if (point.histogram) add(point.histogram, value);
    });
    if (size >= MAX_RAW) this.#sumUp();
  }

  /** Replaces the value of a series: what an observable instrument reads is the whole. */
  set(spec: MetricSpec, value: number, attributes: Attributes = {}): void {
    if (Number.isFinite(value)) this.#point(this.#metric(spec), { ...attributes }).value = value;
  }

  /** Calls back before each collection. */
  observe(read: Read): () => void {
    this.#observers.add(read);
    return () => this.#observers.delete(read);
  }

  /** Everything measured since the last call. */
  collect(): MetricData[] {
    for (const read of this.#observers) {
      try {
        // What an asynchronous one observes later leaves with the next collection.
        read()?.then(undefined, () => undefined);
      } catch {
        // The others still have something to say.
      }
    }
    this.#sumUp();
    const timeMs = this.#now();
    this.#since = timeMs;
    const result: MetricData[] = [];
    for (const [key, { spec, series, startMs }] of this.#metrics) {
      const points = [...series.values()].map((point) => ({ ...point }));
      const metric: MetricData = { ...DEFAULTS, ...spec, startMs, timeMs, points };
      result.push(metric);
      if (metric.temporality === 'delta') this.#metrics.delete(key);
    }
    return result;
  }

  #sumUp(): void {
    for (const add of this.#raw.splice(0)) add();
  }

  #metric(spec: MetricSpec): Metric {
    const key = `${spec.scope ?? ''}/${spec.name}`;
    let metric = this.#metrics.get(key);
    if (!metric) this.#metrics.set(key, (metric = { spec, series: new Map(), startMs: this.#since }));
    return metric;
  }

  #point({ spec, series }: Metric, attributes: Attributes): MetricPoint {
    let key = keyOf(attributes);
    if (!series.has(key) && series.size >= MAX_SERIES) {
      attributes = OVERFLOW;
      key = keyOf(OVERFLOW);
    }
    let point = series.get(key);
    if (!point) {
      point = { attributes, value: 0 };
      if (spec.kind === 'histogram') point.histogram = empty(spec.bounds ?? []);
      series.set(key, point);
    }
    return point;
  }
}

const empty = (bounds: readonly number[]): HistogramPoint => ({
  count: 0,
  min: Infinity,
  max: -Infinity,
  bounds,
  buckets: new Array<number>(bounds.length + 1).fill(0),
});

function add(point: HistogramPoint, value: number): void {
  point.count++;
  point.min = Math.min(point.min, value);
  point.max = Math.max(point.max, value);
  const at = point.bounds.findIndex((bound) => value <= bound);
  const bucket = at < 0 ? point.bounds.length : at;
  point.buckets[bucket] = (point.buckets[bucket] ?? 0) + 1;
}
