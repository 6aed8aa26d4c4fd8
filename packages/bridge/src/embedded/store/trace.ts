import type { SpanView, TraceSummary } from '@unhinged/observability-core';
import { TraceEvent } from '@unhinged/observability-proto';
import { serviceOf } from './resource-view.js';
import { hex, spanView } from './span-view.js';

/** A span as it is kept: the figures that lists need, and the encoded event for everything else. */
interface StoredSpan {
  service: string;
  isRoot: boolean;
  isError: boolean;
  name: string;
  startNano: bigint;
  endNano: bigint;
  encoded: Uint8Array;
}

/** An object costs about this many bytes beside its encoded event. */
const OVERHEAD = 300;

/** The spans of one trace, as far as they have come. */
export class Trace {
  readonly traceId: string;
  readonly #spans = new Map<string, StoredSpan>();
  #bytes = 0;
  /** Of the spans that are here; lists ask for it far more often than a span comes. */
  #summary: TraceSummary | undefined;

  constructor(traceId: string) {
    this.traceId = traceId;
  }

  get spans(): number {
    return this.#spans.size;
  }

  get bytes(): number {
    return this.#bytes;
  }

  /** A span that comes twice is kept once. `encoded` is copied. */
  add({ resource, span }: TraceEvent, encoded: Uint8Array): void {
    if (!span) return;
    this.#summary = undefined;
    const service = serviceOf(resource);
    const key = `${hex(span.spanId)} ${service}`;
    const known = this.#spans.get(key);
    if (known) this.#bytes -= known.encoded.length + OVERHEAD;
    this.#bytes += encoded.length + OVERHEAD;
    this.#spans.set(key, {
      service,
      isRoot: span.parentSpanId.length === 0,
      isError: span.status?.code === 2,
      name: span.name,
      startNano: span.startTimeUnixNano,
      endNano: span.endTimeUnixNano,
      encoded: new Uint8Array(encoded),
    });
  }

  get summary(): TraceSummary {
    return (this.#summary ??= this.#summarize());
  }

  /** All spans, by their start. */
  views(): SpanView[] {
    const sorted = [...this.#spans.values()].sort((a, b) => Number(a.startNano - b.startNano));
    return sorted.flatMap(({ encoded }) => {
      const event = TraceEvent.decode(encoded);
      return event.span ? [spanView(event, event.span)] : [];
    });
  }

  /** Whether a name, an id, an attribute or any other text of a span holds `wanted`, which is in lower case. */
  contains(wanted: string): boolean {
    if (this.traceId.includes(wanted)) return true;
    for (const { encoded } of this.#spans.values()) {
      // Protobuf keeps text as it is: no need to decode what will mostly not match.
      if (Buffer.from(encoded.buffer).toString('utf8').toLowerCase().includes(wanted)) return true;
    }
    return false;
  }

  #summarize(): TraceSummary {
    let first: StoredSpan | undefined;
    let root: StoredSpan | undefined;
    let endNano = 0n;
    let errors = 0;
    const services = new Set<string>();
    for (const span of this.#spans.values()) {
      if (first === undefined || span.startNano < first.startNano) first = span;
      if (span.isRoot && (root === undefined || span.startNano < root.startNano)) root = span;
      if (span.endNano > endNano) endNano = span.endNano;
      if (span.isError) errors++;
      services.add(span.service);
    }
    // While the root is missing, the first span stands for it.
    const shown = root ?? first;
    const startNano = first?.startNano ?? 0n;
    return {
      traceId: this.traceId,
      rootName: shown?.name ?? '',
      rootService: shown?.service ?? '',
      // By microseconds: nanoseconds since 1970 are more than a number holds.
      startMs: Number(startNano / 1_000n) / 1_000,
      durationMs: Math.max(Number(endNano - startNano) / 1e6, 0),
      spans: this.#spans.size,
      errors,
      services: [...services],
      complete: root !== undefined,
    };
  }
}
