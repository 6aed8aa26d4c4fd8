import { deriveEventId, ObservabilityError } from '@unhinged/observability-core';
import type { KafkaMessage } from 'kafkajs';

import { readHead } from '../../envelope-head.js';
import { eventsOfOtlp } from '../../otlp/events-of-otlp.js';
import type { Signal } from '../../otlp/wire/schema.js';
import { TOPICS } from '../../topics.js';
import type { EventRecord } from '../../transport.js';

/** An event as it was in the topic. */
export interface ReadEvent {
  id: string;
  /** Empty when events of its kind are not numbered. */
  emitterId: string;
  sequence: number;
  record: EventRecord;
}

/** What one record of a topic holds. */
export interface ReadMessage {
  events: ReadEvent[];
  /** Items of an OTLP batch that are none, by reason. */
  rejected: { reason: string; items: number }[];
}

const TYPE_PREFIX = 'observability.';
/** What events of one OTLP batch may have; a record of a topic is at most about a megabyte, but each event repeats its resource. */
const MAX_EVENT_BYTES = 64 * 1024 * 1024;
const SIGNAL_OF_TOPIC: Readonly<Record<string, Signal>> = {
  [TOPICS.traces]: 'traces',
  [TOPICS.metrics]: 'metrics',
  [TOPICS.logs]: 'logs',
};
/** Headers that are made of the event when it leaves for Kafka. */
const DERIVED = /^(?:ce_.*|content-type|traceparent|x-emitter-id|x-seq)$/;

/**
 * The events of one record: a typed event has a `ce_type`, whatever has none is an OTLP export request as the Collector's exporter
 * writes it (`otlp_proto`). Its events are called after topic, partition, offset and place in the batch, and its own time of arrival stands
 * in for times that cannot be, so that reading it twice gives the same events, byte for byte.
 *
 * @throws Error when it is neither.
 */
export function readMessage(topic: string, partition: number, message: KafkaMessage): ReadMessage {
  const { value } = message;
  if (value === null) throw new ObservabilityError('bad_event', 'The record has no value.');
  const type = header(message, 'ce_type');
  if (type !== undefined) return { events: [typedEvent(topic, type, value, message)], rejected: [] };
  const signal = SIGNAL_OF_TOPIC[topic];
  if (signal === undefined) {
    throw new ObservabilityError('bad_event', `The record has no ce_type, and ${topic} holds no OTLP.`);
  }
  const ids: string[] = [];
  const { records, rejected } = eventsOfOtlp(signal, value, {
    nowMs: Number(message.timestamp),
    maxEventBytes: MAX_EVENT_BYTES,
    identity: {
      emitterId: '',
      nextSequence: () => 0n,
      eventId: (index) => {
        const id = deriveEventId(topic, partition, message.offset, index);
        ids.push(id);
        return id;
      },
    },
  });
  return {
    events: records.map((record, index) => ({ id: ids[index] ?? '', emitterId: '', sequence: 0, record })),
    rejected: rejected.reasons,
  };
}

function typedEvent(topic: string, type: string, value: Buffer, message: KafkaMessage): ReadEvent {
  let id = header(message, 'ce_id');
  let emitterId = header(message, 'x-emitter-id');
  let sequence = header(message, 'x-seq');
  if (id === undefined || emitterId === undefined || sequence === undefined) {
    // Some other producer's: the event itself says it, too.
    const head = readHead(value);
    id ??= head.text(head.eventId);
    emitterId ??= head.text(head.emitterId);
    sequence ??= head.sequenceNumber.toString();
  }
  if (id === '') throw new ObservabilityError('bad_event', 'The event has no id.');
  const own = Object.keys(message.headers ?? {}).filter((name) => !DERIVED.test(name));
  return {
    id,
    emitterId,
    sequence: Number(sequence),
    record: {
      topic,
      key: message.key?.toString() ?? '',
      eventType: type.startsWith(TYPE_PREFIX) ? type.slice(TYPE_PREFIX.length) : type,
      value,
      ...(own.length > 0 && {
        headers: Object.fromEntries(own.map((name) => [name, header(message, name) ?? ''])),
      }),
    },
  };
}

function header({ headers }: KafkaMessage, name: string): string | undefined {
  const value = headers?.[name];
  const [first] = Array.isArray(value) ? value : [value];
  return first?.toString();
}
