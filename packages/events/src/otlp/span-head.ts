import { ID_ATTRIBUTES } from '@unhinged/observability-core';
import { BYTES, FIXED64, WireReader } from './wire/reader.js';

/** What the envelope of a span needs of it. */
export interface SpanHead {
  traceId: Uint8Array;
  spanId: Uint8Array;
  startNano: bigint;
  traceState: Uint8Array | undefined;
  /** Attributes that have a field of their own in the envelope; empty when absent. */
  sessionId: string;
  userId: string;
  correlationId: string;
  requestId: string;
  reason: string;
}

type Lifted = 'sessionId' | 'userId' | 'correlationId' | 'requestId' | 'reason';

/** By the length of the key, which differs, so that most attributes are passed over after one look. */
const LIFTED = new Map<number, { key: Uint8Array; field: Lifted }>(
  Object.entries<string>({ ...ID_ATTRIBUTES, reason: 'unhinged.sampling.reason' }).map(([field, key]) => [
    key.length,
    { key: Buffer.from(key), field: field as Lifted },
  ]),
);
/** An id that is longer is none, and stays an attribute only. */
const MAX_TEXT = 256;
const ATTRIBUTES = (9 << 3) | BYTES;
const FIRST_BYTES = (1 << 3) | BYTES;
const SECOND_BYTES = (2 << 3) | BYTES;
const decoder = new TextDecoder();

/** Reads a span's ids, start, trace state and the few attributes, and passes over the rest. */
export function headOf(span: Uint8Array): SpanHead {
  const reader = new WireReader(span);
  const end = span.length;
  const head: SpanHead = {
    traceId: new Uint8Array(),
    spanId: new Uint8Array(),
    startNano: 0n,
    traceState: undefined,
    ...{ sessionId: '', userId: '', correlationId: '', requestId: '', reason: '' },
  };
  while (reader.pos < end) {
    const tag = reader.tag(end);
    switch (tag) {
      case FIRST_BYTES:
        head.traceId = slice(reader, end);
        break;
      case SECOND_BYTES:
        head.spanId = slice(reader, end);
        break;
      case (3 << 3) | BYTES:
        head.traceState = slice(reader, end);
        break;
      case (7 << 3) | FIXED64:
        head.startNano = reader.fixed64(end);
        break;
      case ATTRIBUTES: {
        const stop = reader.span(end);
        lift(reader, stop, head);
        reader.pos = stop;
        break;
      }
      default:
        reader.skip(tag & 7, end);
    }
  }
  return head;
}

/** One `KeyValue`, its key in front as everybody writes it. */
function lift(reader: WireReader, end: number, head: SpanHead): void {
  if (reader.pos >= end || reader.tag(end) !== FIRST_BYTES) return;
  const keyEnd = reader.span(end);
  const lifted = LIFTED.get(keyEnd - reader.pos);
  if (lifted === undefined) return;
  for (const byte of lifted.key) if (reader.bytes[reader.pos++] !== byte) return;
  if (reader.pos >= end || reader.tag(end) !== SECOND_BYTES) return;
  const valueEnd = reader.span(end);
  // `AnyValue.string_value`.
  if (reader.pos >= valueEnd || reader.tag(valueEnd) !== FIRST_BYTES) return;
  const text = slice(reader, valueEnd);
  if (text.length <= MAX_TEXT) head[lifted.field] = decoder.decode(text);
}

function slice(reader: WireReader, end: number): Uint8Array {
  const stop = reader.span(end);
  const bytes = reader.bytes.subarray(reader.pos, stop);
  reader.pos = stop;
  return bytes;
}
