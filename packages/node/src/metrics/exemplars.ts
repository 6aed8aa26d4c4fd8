import { SpanKind } from '@opentelemetry/api';
import type { ReadableSpan } from '@opentelemetry/sdk-trace-base';
import { REQUEST_DURATION } from '../sampling/request-durations.js';

/** One measurement with the span that it was taken in: from a bar of a histogram to a trace. */
export interface Exemplar {
  traceId: string;
  spanId: string;
  /** In the unit of the histogram. */
  value: number;
  /** Unix milliseconds. */
  epochMs: number;
  /** Grows with each. */
  number: number;
}

type Attributes = Readonly<Record<string, unknown>>;

/** Attributes by which a span and a data point of a histogram belong together. */
const DIMENSIONS: Readonly<Record<string, readonly string[]>> = {
  'http.server.request.duration': ['http.request.method', 'http.route', 'http.response.status_code'],
  'http.client.request.duration': [
    'http.request.method',
    'server.address',
    'server.port',
    'http.response.status_code',
  ],
  [REQUEST_DURATION]: ['unhinged.operation', 'unhinged.operation.class', 'otel.status_code'],
};
const MAX_SERIES = 1_000;

/**
 * Exemplars of the histograms of requests. Taken from the spans that are kept, when they leave: while a duration is recorded nobody
 * knows yet whether its trace will be there to be looked at. (The SDK's metrics have no exemplars.) Of each series the newest in
 * each octave of the duration is held.
 */
export class Exemplars {
  /** False: none are taken. */
  enabled = true;
  readonly #series = new Map<string, Map<number, Exemplar>>();
  #newest = 0;

  /** For one who sends them on, each once: a call begins a collection, which has those since the one before. */
  news(): () => (metric: string, attributes: Attributes) => readonly Exemplar[] {
    let told = 0;
    return () => {
      const after = told;
      told = this.#newest;
      return (metric, attributes) => this.of(metric, attributes, after);
    };
  }

  /** A span that leaves. `ownAttributes`: of its point in our own histogram, when it has one. */
  offer(
    span: ReadableSpan,
    isRoot: boolean,
    ownAttributes: (root: ReadableSpan) => Attributes | undefined,
  ): void {
    if (!this.enabled) return;
    if (span.attributes['http.request.method'] !== undefined && span.kind !== SpanKind.INTERNAL) {
      if (span.kind === SpanKind.SERVER) this.#put('http.server.request.duration', span.attributes, span);
      else if (span.kind === SpanKind.CLIENT)
        this.#put('http.client.request.duration', span.attributes, span);
    } else if (isRoot) {
      const attributes = ownAttributes(span);
      if (attributes !== undefined) this.#put(REQUEST_DURATION, attributes, span);
    }
  }

  /** Those of a data point, at most one an octave; only those that came after `number`. */
  of(metric: string, attributes: Attributes, number = 0): readonly Exemplar[] {
    const dimensions = DIMENSIONS[metric];
    if (dimensions === undefined) return [];
    const held = this.#series.get(keyOf(metric, dimensions, attributes));
    if (held === undefined) return [];
    const all = [...held.values()];
    return number === 0 ? all : all.filter((exemplar) => exemplar.number > number);
  }

  #put(metric: string, attributes: Attributes, span: ReadableSpan): void {
    const key = keyOf(metric, DIMENSIONS[metric] ?? [], attributes);
    let held = this.#series.get(key);
    if (held === undefined) {
      if (this.#series.size >= MAX_SERIES) return;
      this.#series.set(key, (held = new Map<number, Exemplar>()));
    }
    const { traceId, spanId } = span.spanContext();
    const [seconds, nanos] = span.endTime;
    const value = span.duration[0] + span.duration[1] / 1e9;
    const epochMs = seconds * 1_000 + nanos / 1e6;
    held.set(octaveOf(value), { traceId, spanId, value, epochMs, number: ++this.#newest });
  }
}

/** From 1 ms to 65 s; what is beyond is in the first or the last. */
function octaveOf(seconds: number): number {
  return Math.min(Math.max(Math.floor(Math.log2(seconds * 1_000)), 0), 16);
}

function keyOf(metric: string, dimensions: readonly string[], attributes: Attributes): string {
  let key = metric;
  for (const name of dimensions) key += `\n${String(attributes[name])}`;
  return key;
}

/** Of this process, like its metrics. */
export const exemplars = new Exemplars();
