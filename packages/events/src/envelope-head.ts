import { BYTES, VARINT, WireReader } from './otlp/wire/reader.js';

/** The fields of an envelope that headers are made of. */
export interface EnvelopeHead {
  eventId: string;
  /** Unix time of the event. */
  seconds: number;
  nanos: number;
  sequenceNumber: bigint;
  emitterId: string;
  traceId: string;
  spanId: string;
  serviceName: string;
}

const decoder = new TextDecoder();

/**
 * Reads the head of an encoded event and skips the rest, which is most of it. Field numbers: `unhinged.observability.v1.Envelope`.
 *
 * @throws WireError when the bytes are none.
 */
export function readHead(value: Uint8Array): EnvelopeHead {
  const head: EnvelopeHead = {
    ...{ eventId: '', seconds: 0, nanos: 0, sequenceNumber: 0n, emitterId: '' },
    ...{ traceId: '', spanId: '', serviceName: '' },
  };
  const reader = new WireReader(value);
  eachField(reader, value.length, (tag, end) => {
    if (tag === ((4 << 3) | VARINT)) head.sequenceNumber = varint64(reader, end);
    else if (tag === ((1 << 3) | BYTES)) head.eventId = text(reader, end);
    else if (tag === ((5 << 3) | BYTES)) head.emitterId = text(reader, end);
    else if (tag === ((2 << 3) | BYTES)) {
      eachField(reader, reader.span(end), (inner, stop) => {
        if (inner === ((1 << 3) | VARINT)) head.seconds = Number(BigInt.asIntN(64, varint64(reader, stop)));
        else if (inner === ((2 << 3) | VARINT)) head.nanos = reader.varint(stop);
        else reader.skip(inner & 7, stop);
      });
    } else if (tag === ((6 << 3) | BYTES)) {
      eachField(reader, reader.span(end), (inner, stop) => {
        if (inner === ((1 << 3) | BYTES)) head.traceId = text(reader, stop);
        else if (inner === ((2 << 3) | BYTES)) head.spanId = text(reader, stop);
        else reader.skip(inner & 7, stop);
      });
    } else if (tag === ((7 << 3) | BYTES)) {
      eachField(reader, reader.span(end), (inner, stop) => {
        if (inner === ((1 << 3) | BYTES)) head.serviceName = text(reader, stop);
        else reader.skip(inner & 7, stop);
      });
    } else reader.skip(tag & 7, end);
  });
  return head;
}

function eachField(reader: WireReader, end: number, read: (tag: number, end: number) => void): void {
  while (reader.pos < end) read(reader.tag(end), end);
}

function text(reader: WireReader, end: number): string {
  const stop = reader.span(end);
  const { bytes, pos } = reader;
  reader.pos = stop;
  return decoder.decode(bytes.subarray(pos, stop));
}

/** As `varint`, exact for all 64 bits. */
function varint64(reader: WireReader, end: number): bigint {
  const begin = reader.pos;
  const value = reader.varint(end);
  if (value <= Number.MAX_SAFE_INTEGER) return BigInt(value);
  let exact = 0n;
  for (let at = reader.pos - 1; at >= begin; at--)
    exact = (exact << 7n) | BigInt((reader.bytes[at] ?? 0) & 127);
  return BigInt.asUintN(64, exact);
}
