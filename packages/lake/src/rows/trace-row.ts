import { structFromKeyValues } from '@unhinged/observability-core';
import type { TraceEvent } from '@unhinged/observability-proto';
import type { Span } from '@unhinged/observability-proto/otlp';
import { originFields, requestFields, timeFields, type EventRows } from './row.js';
import { hex, int64 } from './values.js';

const KINDS = ['unspecified', 'internal', 'server', 'client', 'producer', 'consumer'];
const STATUS_CODES = ['unset', 'ok', 'error'];

/** The row of a span. Undefined when the event carries none. */
export function traceRows(event: TraceEvent): EventRows | undefined {
  const { span } = event;
  if (span === undefined) return undefined;
  return {
    table: 'observability_traces',
    eventId: event.eventId,
    rows: [
      {
        event_id: event.eventId,
        ...timeFields(span.startTimeUnixNano),
        end_time_unix_nano: int64(span.endTimeUnixNano),
        duration_ns: int64(span.endTimeUnixNano - span.startTimeUnixNano),
        trace_id: hex(span.traceId),
        span_id: hex(span.spanId),
        parent_span_id: hex(span.parentSpanId),
        name: span.name,
        kind: KINDS[span.kind] ?? 'unspecified',
        status_code: STATUS_CODES[span.status?.code ?? 0] ?? 'unset',
        status_message: span.status?.message ?? '',
        trace_state: span.traceState,
        attributes: JSON.stringify(structFromKeyValues(span.attributes)),
        events: JSON.stringify(span.events.map(spanEvent)),
        links: JSON.stringify(span.links.map(spanLink)),
        ...requestFields(event),
        adjusted_count: event.sampling?.adjustedCount ?? 1,
        ...originFields(event, event.scope),
      },
    ],
  };
}

const spanEvent = (event: Span['events'][number]) => ({
  name: event.name,
  time_unix_nano: event.timeUnixNano.toString(),
  attributes: structFromKeyValues(event.attributes),
});

const spanLink = (link: Span['links'][number]) => ({
  trace_id: hex(link.traceId),
  span_id: hex(link.spanId),
  trace_state: link.traceState,
  attributes: structFromKeyValues(link.attributes),
});
