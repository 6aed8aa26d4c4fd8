import { structFromKeyValues, type SpanView } from '@unhinged/observability-core';
import type { TraceEvent } from '@unhinged/observability-proto';
import type { Span } from '@unhinged/observability-proto/otlp';
import { resourceView, serviceOf, tierOf } from './resource-view.js';

/** By OTLP number. */
const KINDS: readonly SpanView['kind'][] = [
  ...(['unspecified', 'internal', 'server', 'client', 'producer', 'consumer'] as const),
];
const STATUSES: readonly SpanView['status'][] = ['unset', 'ok', 'error'];

export const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString('hex');

/** One span as the console shows it. */
export function spanView({ resource, scope }: TraceEvent, span: Span): SpanView {
  return {
    spanId: hex(span.spanId),
    parentSpanId: hex(span.parentSpanId),
    name: span.name,
    service: serviceOf(resource),
    tier: tierOf(resource),
    kind: KINDS[span.kind] ?? 'unspecified',
    status: STATUSES[span.status?.code ?? 0] ?? 'unset',
    statusMessage: span.status?.message ?? '',
    startNano: span.startTimeUnixNano.toString(),
    endNano: span.endTimeUnixNano.toString(),
    scope: scope?.name ?? '',
    attributes: structFromKeyValues(span.attributes),
    resource: resourceView(resource),
    events: span.events.map(({ name, timeUnixNano, attributes }) => ({
      name,
      timeNano: timeUnixNano.toString(),
      attributes: structFromKeyValues(attributes),
    })),
    links: span.links.map(({ traceId, spanId, attributes }) => ({
      traceId: hex(traceId),
      spanId: hex(spanId),
      attributes: structFromKeyValues(attributes),
    })),
  };
}
