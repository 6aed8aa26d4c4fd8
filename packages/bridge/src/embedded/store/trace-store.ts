import type { SpanView, TraceSummary } from '@unhinged/observability-core';
import type { TraceEvent } from '@unhinged/observability-proto';
import { hex } from './span-view.js';
import { Trace } from './trace.js';

export interface TraceFilter {
  /** A service that took part. */
  service?: string | undefined;
  /** Part of any text in the trace, in any case. */
  q?: string | undefined;
  errorsOnly?: boolean | undefined;
  minMs?: number | undefined;
  limit: number;
}

export interface TraceLimits {
  maxTraces: number;
  maxSpans: number;
  maxBytes: number;
}

/** Bytes that a search goes through before the event loop has its turn. */
const SEARCH_SLICE = 1024 * 1024;
/** Of one trace: a trace id that is never changed must not push out all others. */
const MAX_SHARE = 0.25;

/** The traces that were last added to, by id. */
export class TraceStore {
  readonly #limits: TraceLimits;
  /** The one that was added to last stands last. */
  readonly #traces = new Map<string, Trace>();
  #spans = 0;
  #bytes = 0;
  #evicted = 0;
  #dropped = 0;

  constructor(limits: TraceLimits) {
    this.#limits = limits;
  }

  get size(): { traces: number; spans: number; bytes: number; evicted: number; dropped: number } {
    const size = { traces: this.#traces.size, spans: this.#spans, bytes: this.#bytes };
    return { ...size, evicted: this.#evicted, dropped: this.#dropped };
  }

  /** Adds a span; gives the id of its trace, or undefined when it was not kept. `encoded` is copied. */
  add(event: TraceEvent, encoded: Uint8Array): string | undefined {
    if (!event.span || event.span.traceId.length === 0) return undefined;
    const traceId = hex(event.span.traceId);
    const trace = this.#traces.get(traceId) ?? new Trace(traceId);
    const { maxSpans, maxBytes } = this.#limits;
    if (trace.spans >= maxSpans * MAX_SHARE || trace.bytes >= maxBytes * MAX_SHARE) {
      this.#dropped++;
      return undefined;
    }
    const before = { spans: trace.spans, bytes: trace.bytes };
    trace.add(event, encoded);
    this.#spans += trace.spans - before.spans;
    this.#bytes += trace.bytes - before.bytes;
    this.#traces.delete(traceId);
    this.#traces.set(traceId, trace);
    this.#evict();
    return traceId;
  }

  summary(traceId: string): TraceSummary | undefined {
    return this.#traces.get(traceId)?.summary;
  }

  /** The spans of a trace by their start; undefined when it is not, or no longer, here. */
  spans(traceId: string): SpanView[] | undefined {
    return this.#traces.get(traceId)?.views();
  }

  /** Traces that match, by their start, newest first. */
  async search({ service, q = '', errorsOnly, minMs = 0, limit }: TraceFilter): Promise<TraceSummary[]> {
    const wanted = q.toLowerCase();
    const candidates = [...this.#traces.values()]
      .map((trace) => ({ trace, summary: trace.summary }))
      .filter(({ summary }) => service === undefined || summary.services.includes(service))
      .filter(({ summary }) => errorsOnly !== true || summary.errors > 0)
      .filter(({ summary }) => summary.durationMs >= minMs)
      .sort((a, b) => b.summary.startMs - a.summary.startMs);
    if (wanted === '') return candidates.slice(0, limit).map(({ summary }) => summary);
    const found: TraceSummary[] = [];
    let searched = 0;
    for (const { trace, summary } of candidates) {
      if (trace.contains(wanted)) found.push(summary);
      if (found.length === limit) break;
      searched += trace.bytes;
      if (searched < SEARCH_SLICE) continue;
      searched = 0;
      await new Promise(setImmediate);
    }
    return found;
  }

  #evict(): void {
    const { maxTraces, maxSpans, maxBytes } = this.#limits;
    for (const [traceId, trace] of this.#traces) {
      const fits = this.#traces.size <= maxTraces && this.#spans <= maxSpans && this.#bytes <= maxBytes;
      if (fits || this.#traces.size === 1) return;
      this.#traces.delete(traceId);
      this.#spans -= trace.spans;
      this.#bytes -= trace.bytes;
      this.#evicted++;
    }
  }
}
