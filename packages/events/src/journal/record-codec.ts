import { Record as RecordMessage } from '@unhinged/observability-proto';

import { encode } from '../encode.js';
import type { EventRecord } from '../transport.js';

/** A record as the journal's payload: `unhinged.observability.v1.Record`. */
export function encodeRecord({ topic, key, eventType, value, headers = {} }: EventRecord): Uint8Array {
  return encode(RecordMessage, { topic, key, eventType, value, headers });
}

/** @throws when the payload is not a Record. */
export function decodeRecord(payload: Uint8Array): EventRecord {
  const { headers, ...record } = RecordMessage.decode(payload);
  return Object.keys(headers).length === 0 ? record : { ...record, headers };
}
