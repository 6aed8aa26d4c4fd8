import { ObservabilityError } from '@unhinged/observability-core';
import { readHead } from './envelope-head.js';
import { type EventMap, type EventName, eventKinds } from './event-map.js';
import { TOPICS } from './topics.js';
import type { EventRecord } from './transport.js';

/**
 * An event as the record that a topic holds. An event that is for the lake and not for the CDC stream goes to the topic of the lake.
 *
 * @throws ObservabilityError `bad_event` when the event cannot be encoded.
 */
export function toRecord<N extends EventName>(name: N, event: EventMap[N]): EventRecord {
  try {
    const { topic, codec } = eventKinds[name];
    const { destinations, traceContext, resource } = event;
    const lakeOnly = destinations?.dataLake === true && !destinations.cdcStream;
    const instance = resource?.attributes['service.instance.id'] ?? event.emitterId;
    return {
      topic: lakeOnly ? TOPICS.lake : topic,
      key: traceContext?.traceId || `${resource?.serviceName ?? ''}/${instance}`,
      eventType: event.eventType,
      value: codec.encode(event).finish(),
    };
  } catch (cause) {
    throw new ObservabilityError('bad_event', `${name}: the event cannot be encoded: ${String(cause)}`, {
      cause,
    });
  }
}

/**
 * Headers of a record in Kafka: the CloudEvents Kafka protocol binding 1.0.2 in binary mode, W3C trace context, and emitter and sequence, by which
 * a reader sees a loss. Only the record's own headers when it is an OTLP batch (no event type).
 */
export function eventHeaders(record: EventRecord): Record<string, string> {
  if (record.eventType === '') return { 'content-type': 'application/x-protobuf', ...record.headers };
  const { eventId, seconds, nanos, sequenceNumber, emitterId, traceId, spanId, serviceName } = readHead(
    record.value,
  );
  return {
    ce_specversion: '1.0',
    ce_id: eventId,
    ce_type: `observability.${record.eventType}`,
    ce_source: `/${encodeURIComponent(serviceName)}/${emitterId}`,
    ce_time: rfc3339(seconds, nanos),
    'content-type': 'application/protobuf',
    ...(traceId && spanId && { traceparent: `00-${traceId}-${spanId}-01` }),
    'x-emitter-id': emitterId,
    'x-seq': sequenceNumber.toString(),
    ...record.headers,
  };
}

/** Events of one batch are mostly of the same second. */
let last = { seconds: NaN, text: '' };

/** RFC 3339 in UTC with all nine digits. */
function rfc3339(seconds: number, nanos: number): string {
  if (seconds !== last.seconds)
    last = { seconds, text: new Date(seconds * 1_000).toISOString().slice(0, 19) };
  return `${last.text}.${nanos.toString().padStart(9, '0')}Z`;
}
