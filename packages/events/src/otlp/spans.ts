import { TOPICS } from '../topics.js';
import type { EventRecord } from '../transport.js';
import { adjustedCountOf, parseThreshold, readOtelState } from '@unhinged/observability-core';
import { hex, isId } from './wire/ids.js';
import { BYTES, FIXED64, WireReader } from './wire/reader.js';
import { encodeEvent, toStreamAndLake } from './envelope.js';
import { eventTime } from './event-time.js';
import type { ItemContext } from './item-context.js';
import type { Source } from './source.js';

const destinations = toStreamAndLake('observability_traces');

/** One span, not decoded: its ids, start and trace state are read, its bytes are moved. Undefined when its ids are no ids. */
export function spanRecord(
  span: Uint8Array,
  scope: Uint8Array | undefined,
  source: Source,
  context: ItemContext,
): EventRecord | undefined {
  const { traceId, spanId, startNano, traceState } = headOf(span);
  if (!isId(traceId, 16)) {
    context.rejected.add(
      'bad_trace_id',
      `trace_id ${describe(traceId)}, a span needs 16 bytes that are not all zero`,
    );
    return undefined;
  }
  if (!isId(spanId, 8)) {
    context.rejected.add(
      'bad_span_id',
      `span_id ${describe(spanId)}, a span needs 8 bytes that are not all zero`,
    );
    return undefined;
  }
  const { nano, replaced } = eventTime([startNano], context.nowNano);
  if (replaced) context.onRepair('bad_time');
  const key = hex(traceId);
  const adjustedCount = traceState && adjustedCountIn(traceState);
  const parts = {
    ...{ eventType: 'span', nano, source, destinations, adjustedCount },
    ...{ traceId: key, spanId: hex(spanId), context },
  };
  return { topic: TOPICS.traces, key, eventType: 'span', value: encodeEvent(parts, span, scope) };
}

interface SpanHead {
  traceId: Uint8Array;
  spanId: Uint8Array;
  startNano: bigint;
  traceState: Uint8Array | undefined;
}

function headOf(span: Uint8Array): SpanHead {
  const reader = new WireReader(span);
  const end = span.length;
  const head: SpanHead = {
    traceId: new Uint8Array(),
    spanId: new Uint8Array(),
    startNano: 0n,
    traceState: undefined,
  };
  while (reader.pos < end) {
    const tag = reader.tag(end);
    switch (tag) {
      case (1 << 3) | BYTES:
        head.traceId = slice(reader, end);
        break;
      case (2 << 3) | BYTES:
        head.spanId = slice(reader, end);
        break;
      case (3 << 3) | BYTES:
        head.traceState = slice(reader, end);
        break;
      case (7 << 3) | FIXED64:
        head.startNano = reader.fixed64(end);
        break;
      default:
        reader.skip(tag & 7, end);
    }
  }
  return head;
}

const decoder = new TextDecoder();
/** Spans of a batch have few different thresholds. */
let last = { text: '', count: undefined as number | undefined };

/** What the threshold `ot=th:…` of a trace state says; undefined when there is none: nothing was sampled, or it is not known. */
function adjustedCountIn(traceState: Uint8Array): number | undefined {
  const text = decoder.decode(traceState);
  if (text !== last.text) {
    const { th } = readOtelState(text);
    const threshold = th === undefined ? undefined : parseThreshold(th);
    const count = threshold === undefined ? Infinity : adjustedCountOf(threshold);
    last = { text, count: Number.isFinite(count) ? count : undefined };
  }
  return last.count;
}

function slice(reader: WireReader, end: number): Uint8Array {
  const stop = reader.span(end);
  const bytes = reader.bytes.subarray(reader.pos, stop);
  reader.pos = stop;
  return bytes;
}

const describe = (id: Uint8Array): string =>
  id.length === 0 ? 'is missing' : id.length > 16 ? `has ${id.length} bytes` : `is ${hex(id)}`;
