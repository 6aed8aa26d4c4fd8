import { BYTES, VARINT, WireReader } from './otlp/wire/reader.js';

/** Where a text lies in the bytes of an event; empty when it has none. */
export interface Piece {
  start: number;
  end: number;
}

const NONE: Piece = { start: 0, end: 0 };

const decoder = new TextDecoder();

/** The fields of an envelope that headers are made of. Texts stay bytes until somebody asks. */
export class EnvelopeHead {
  readonly bytes: Uint8Array;
  eventId = NONE;
  /** Unix time of the event. */
  seconds = 0;
  nanos = 0;
  /** Above 2^53 a bigint. */
  sequenceNumber: number | bigint = 0;
  emitterId = NONE;
  traceId = NONE;
  spanId = NONE;
  serviceName = NONE;

  constructor(bytes: Uint8Array) {
    this.bytes = bytes;
  }

  text({ start, end }: Piece): string {
    return decoder.decode(this.bytes.subarray(start, end));
  }
}

const text = (field: number): number => (field << 3) | BYTES;
const number = (field: number): number => (field << 3) | VARINT;

/**
 * Reads the head of an encoded event and skips the rest, which is most of it. Field numbers: `unhinged.observability.v1.Envelope`.
 *
 * @throws WireError when the bytes are none.
 */
export function readHead(value: Uint8Array): EnvelopeHead {
  const head = new EnvelopeHead(value);
  const reader = new WireReader(value);
  const { length } = value;
  while (reader.pos < length) {
    const tag = reader.tag(length);
    if (tag === text(1)) head.eventId = piece(reader, length);
    else if (tag === text(2)) readTime(reader, reader.span(length), head);
    else if (tag === number(4)) head.sequenceNumber = exact(reader, length);
    else if (tag === text(5)) head.emitterId = piece(reader, length);
    else if (tag === text(6)) readTrace(reader, reader.span(length), head);
    else if (tag === text(7)) readResource(reader, reader.span(length), head);
    else reader.skip(tag & 7, length);
  }
  return head;
}

function readTime(reader: WireReader, end: number, head: EnvelopeHead): void {
  while (reader.pos < end) {
    const tag = reader.tag(end);
    if (tag === number(1)) head.seconds = Number(BigInt.asIntN(64, BigInt(exact(reader, end))));
    else if (tag === number(2)) head.nanos = reader.varint(end);
    else reader.skip(tag & 7, end);
  }
}

function readTrace(reader: WireReader, end: number, head: EnvelopeHead): void {
  while (reader.pos < end) {
    const tag = reader.tag(end);
    if (tag === text(1)) head.traceId = piece(reader, end);
    else if (tag === text(2)) head.spanId = piece(reader, end);
    else reader.skip(tag & 7, end);
  }
}

function readResource(reader: WireReader, end: number, head: EnvelopeHead): void {
  while (reader.pos < end) {
    const tag = reader.tag(end);
    if (tag === text(1)) head.serviceName = piece(reader, end);
    else reader.skip(tag & 7, end);
  }
}

function piece(reader: WireReader, end: number): Piece {
  const stop = reader.span(end);
  const found = { start: reader.pos, end: stop };
  reader.pos = stop;
  return found;
}

/** As `varint`, exact for all 64 bits. */
function exact(reader: WireReader, end: number): number | bigint {
  const begin = reader.pos;
  const value = reader.varint(end);
  if (value <= Number.MAX_SAFE_INTEGER) return value;
  let bits = 0n;
  for (let at = reader.pos - 1; at >= begin; at--)
    bits = (bits << 7n) | BigInt((reader.bytes[at] ?? 0) & 127);
  return BigInt.asUintN(64, bits);
}
