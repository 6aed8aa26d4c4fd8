import { ByteWriter, SHORT_TEXT } from './byte-writer.js';

const TWO_32 = 0x1_0000_0000;

/**
 * Writes protobuf into a buffer that grows and is used again: no object per field. Messages whose length is not known beforehand
 * reserve room for it and are moved when the guess was wrong.
 */
export class ProtoWriter extends ByteWriter {
  private lastSeconds = 0;
  private lastLow = 0;
  private lastHigh = 0;

  /** A tag, of one or two bytes: field numbers up to 2,047. */
  tag(field: number, wireType: 0 | 1 | 2 | 5): void {
    this.uint(field * 8 + wireType);
  }

  /** An unsigned 32-bit varint. */
  uint(value: number): void {
    this.room(5);
    this.pos = this.putVarint(value, this.pos);
  }

  /** A signed 64-bit varint from an integer number. */
  int64(value: number): void {
    if (value >= 0 && value < TWO_32) {
      this.uint(value);
      return;
    }
    this.room(10);
    let low = lowOf(value);
    let high = highOf(value);
    while (high > 0 || low > 0x7f) {
      this.bytes[this.pos++] = (low & 0x7f) | 0x80;
      low = ((low >>> 7) | (high << 25)) >>> 0;
      high >>>= 7;
    }
    this.bytes[this.pos++] = low;
  }

  fixed32(value: number): void {
    this.room(4);
    this.put32(value);
  }

  /** 64 bits, two's complement, from an integer number. */
  fixed64(value: number): void {
    this.room(8);
    this.put32(lowOf(value));
    this.put32(highOf(value));
  }

  double(value: number): void {
    this.room(8);
    this.view.setFloat64(this.pos, value, true);
    this.pos += 8;
  }

  /** Nanoseconds since the epoch as fixed64; a time that is none is 0. */
  time(seconds: number, nanos: number): void {
    if (seconds !== this.lastSeconds) {
      // 1e9 * seconds leaves 2^53: multiplied in two halves of 16 bits. Records of a batch share most of their seconds.
      const lower = (seconds & 0xffff) * 1e9;
      const upper = ((seconds / 0x1_0000) >>> 0) * 1e9;
      const low = (lower >>> 0) + (upper & 0xffff) * 0x1_0000;
      this.lastSeconds = seconds;
      this.lastLow = low >>> 0;
      this.lastHigh = Math.floor(lower / TWO_32) + Math.floor(upper / 0x1_0000) + (low >= TWO_32 ? 1 : 0);
    }
    const low = this.lastLow + (nanos > 0 ? Math.floor(nanos) : 0);
    this.room(8);
    this.put32(low >>> 0);
    this.put32((this.lastHigh + Math.floor(low / TWO_32)) >>> 0);
  }

  /** Bytes with their length in front. */
  lengthAndBytes(bytes: Uint8Array): void {
    this.uint(bytes.length);
    this.raw(bytes);
  }

  /** Hexadecimal ids as bytes with their length in front. */
  hex(text: string): void {
    const length = text.length >> 1;
    this.uint(length);
    this.room(length);
    for (let index = 0; index < length; index++) {
      this.bytes[this.pos++] =
        (nibble(text.charCodeAt(2 * index)) << 4) | nibble(text.charCodeAt(2 * index + 1));
    }
  }

  /** UTF-8 with its length in front; lone surrogates become U+FFFD. */
  string(text: string): void {
    const { length } = text;
    if (length <= SHORT_TEXT) {
      const start = this.pos;
      this.byte(length);
      if (this.ascii(text)) return;
      this.pos = start;
    }
    const start = this.begin(length < 0x80 ? 1 : length < 0x4000 ? 2 : 3);
    this.utf8(text);
    this.end(start, length < 0x80 ? 1 : length < 0x4000 ? 2 : 3);
  }

  /** Starts a message with `reserve` bytes for its length; give both to {@link end}. */
  begin(reserve: number): number {
    this.room(reserve);
    const start = this.pos;
    this.pos += reserve;
    return start;
  }

  end(start: number, reserve: number): void {
    const body = start + reserve;
    const length = this.pos - body;
    const needed = varintSize(length);
    if (needed !== reserve) {
      this.room(needed);
      this.bytes.copyWithin(start + needed, body, this.pos);
    }
    this.putVarint(length, start);
    this.pos = start + needed + length;
  }

  private putVarint(value: number, at: number): number {
    const { bytes } = this;
    let rest = value >>> 0;
    while (rest > 0x7f) {
      bytes[at++] = (rest & 0x7f) | 0x80;
      rest >>>= 7;
    }
    bytes[at] = rest;
    return at + 1;
  }

  private put32(value: number): void {
    this.view.setUint32(this.pos, value, true);
    this.pos += 4;
  }
}

export function varintSize(value: number): number {
  return value < 0x80 ? 1 : value < 0x4000 ? 2 : value < 0x20_0000 ? 3 : value < 0x1000_0000 ? 4 : 5;
}

// `>>> 0` takes a number modulo 2^32, also beyond 32 bits and below 0.
function lowOf(value: number): number {
  return value >>> 0;
}
function highOf(value: number): number {
  return Math.floor(value / TWO_32) >>> 0;
}

function nibble(code: number): number {
  return code <= 57 ? code - 48 : code >= 97 ? code - 87 : code - 55;
}
