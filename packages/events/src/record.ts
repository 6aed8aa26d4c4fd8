import { ObservabilityError } from '@unhinged/observability-core';
import { encode } from './encode.js';
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
      value: encode(codec, event),
    };
  } catch (cause) {
    throw new ObservabilityError('bad_event', `${name}: the event cannot be encoded: ${String(cause)}`, {
      cause,
    });
  }
}
