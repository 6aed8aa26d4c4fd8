import { eventHeaders } from '../event-headers.js';
import { type EnvelopeHead, readHead } from '../envelope-head.js';
import type { EventRecord } from '../transport.js';
import type { KafkaRecord } from './record-client.js';

/** The last second that a JavaScript date can show. */
const LAST_SECOND = 8.64e12;

/** A record of the stream on its way to Kafka. Its headers become an object only for somebody who asks for one. */
export class StreamRecord implements KafkaRecord {
  readonly topic: string;
  readonly key: string;
  readonly value: Uint8Array;
  /** The event that all its headers are made of; undefined when there are others. */
  readonly event: { readonly type: string; readonly head: EnvelopeHead } | undefined;
  readonly #record: EventRecord;

  /** @throws Error when its value is not the event that it should be. */
  constructor(record: EventRecord) {
    this.topic = record.topic;
    this.key = record.key;
    this.value = record.value;
    this.#record = record;
    if (record.eventType === '') return;
    const head = readHead(record.value);
    if (Math.abs(head.seconds) > LAST_SECOND) throw new RangeError('The time of the event is no date.');
    if (record.headers === undefined) this.event = { type: record.eventType, head };
  }

  get headers(): Readonly<Record<string, string>> {
    return eventHeaders(this.#record);
  }
}
