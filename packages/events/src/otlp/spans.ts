import { adjustedCountIn } from '@unhinged/observability-core';
import { TOPICS } from '../topics.js';
import type { EventRecord } from '../transport.js';
import { hex, isId } from './wire/ids.js';
import { encodeEvent, toStreamAndLake } from './envelope.js';
import { eventTime } from './event-time.js';
import type { ItemContext } from './item-context.js';
import type { Source } from './source.js';
import { headOf } from './span-head.js';

const destinations = toStreamAndLake('observability_traces');

/** One span, not decoded: what the envelope needs is read, its bytes are moved. Undefined when its ids are no ids. */
export function spanRecord(
  span: Uint8Array,
  scope: Uint8Array | undefined,
  source: Source,
  context: ItemContext,
): EventRecord | undefined {
  const head = headOf(span);
  const { traceId, spanId, startNano, traceState } = head;
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
  const adjustedCount = traceState && countOf(traceState);
  const parts = {
    ...{ eventType: 'span', nano, source, destinations, adjustedCount, reason: head.reason },
    ...{ traceId: key, spanId: hex(spanId), ids: head, context },
  };
  return { topic: TOPICS.traces, key, eventType: 'span', value: encodeEvent(parts, span, scope) };
}

const decoder = new TextDecoder();
/** Spans of a batch have few different trace states. */
let last = { text: '', count: undefined as number | undefined };

function countOf(traceState: Uint8Array): number | undefined {
  const text = decoder.decode(traceState);
  if (text !== last.text) last = { text, count: adjustedCountIn(text) };
  return last.count;
}

const describe = (id: Uint8Array): string =>
  id.length === 0 ? 'is missing' : id.length > 16 ? `has ${id.length} bytes` : `is ${hex(id)}`;
