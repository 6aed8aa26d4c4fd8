import { eventKinds } from '../event-map.js';
import { decodeRecord } from './record-codec.js';

/** A journal's payload for people and for jq. Bytes are base64. */
export interface RecordJson {
  topic: string;
  key: string;
  eventType: string;
  headers?: Readonly<Record<string, string>>;
  /** The event in proto3 JSON; absent when the value is none of ours, which is then in `value`. */
  event?: unknown;
  value?: string;
}

/** Decodes a payload as far as it goes; never throws. */
export function recordToJson(payload: Uint8Array): RecordJson {
  try {
    const { value, ...record } = decodeRecord(payload);
    const kind = Object.values(eventKinds).find(({ eventType }) => eventType === record.eventType);
    return { ...record, ...(kind ? eventJson(kind.codec, value) : { value: base64(value) }) };
  } catch {
    return { topic: '', key: '', eventType: '', value: base64(payload) };
  }
}

function eventJson(codec: (typeof eventKinds)[keyof typeof eventKinds]['codec'], value: Uint8Array) {
  try {
    return { event: codec.toJSON(codec.decode(value) as never) };
  } catch {
    return { value: base64(value) };
  }
}

const base64 = (bytes: Uint8Array): string =>
  Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('base64');
