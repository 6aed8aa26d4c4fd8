const TWO_32 = 0x1_0000_0000;
const utf8 = new TextEncoder();

/** Writes protobuf (https://protobuf.dev/programming-guides/encoding/) into a buffer that grows: no object per field. */
export class ProtoWriter {
  pos = 0;
  #bytes = new Uint8Array(1_024);
  #view = new DataView(this.#bytes.buffer);

  /** A copy of what was written, from a position on. */
  bytes(from = 0): Uint8Array<ArrayBuffer> {
    return this.#bytes.slice(from, this.pos);
  }

  /** A message, or whatever has its length in front. */
  nested(field: number, write: () => void): void {
    const start = this.begin(field);
    write();
    this.end(start);
  }

  /** Begins what has its length in front; give what it returns to {@link end}. Without a function for each field, which costs more. */
  begin(field: number): number {
    this.#tag(field, 2);
    this.#room(1);
    // Room for one byte of length is guessed; what is longer moves.
    return ++this.pos;
  }

  end(start: number): void {
    const size = this.pos - start;
    let more = 0;
    for (let rest = size >> 7; rest > 0; rest >>= 7) more++;
    if (more > 0) {
      this.#room(more);
      this.#bytes.copyWithin(start + more, start, this.pos);
    }
    this.pos = start - 1;
    this.#varint(size);
    this.pos += size;
  }

  raw(bytes: Uint8Array): void {
    this.#room(bytes.length);
    this.#bytes.set(bytes, this.pos);
    this.pos += bytes.length;
  }

  /** UTF-8; half a surrogate pair becomes U+FFFD. */
  text(field: number, text: string): void {
    const start = this.begin(field);
    this.#room(text.length * 3);
    const bytes = this.#bytes;
    for (let at = 0; at < text.length; at++) {
      const unit = text.charCodeAt(at);
      if (unit > 127) {
        this.pos = start + utf8.encodeInto(text, bytes.subarray(start)).written;
        break;
      }
      bytes[this.pos++] = unit;
    }
    this.end(start);
  }

  /** Bytes given as hex digits. */
  hex(field: number, digits: string): void {
    const start = this.begin(field);
    this.#room(digits.length);
    for (let at = 0; at < digits.length; at += 2)
      this.#bytes[this.pos++] = (hexValue(digits, at) << 4) | hexValue(digits, at + 1);
    this.end(start);
  }

  /** A safe integer as int64, uint32, bool or enum. */
  int(field: number, value: number): void {
    this.#tag(field, 0);
    this.#varint(value);
  }

  fixed32(field: number, value: number): void {
    this.#tag(field, 5);
    this.#room(4);
    this.#view.setUint32(this.pos, value, true);
    this.pos += 4;
  }

  double(field: number, value: number): void {
    this.#tag(field, 1);
    this.pushDouble(value);
  }

  /** Nanoseconds of a time in seconds and nanoseconds, as fixed64. */
  time(field: number, seconds: number, nanos: number): void {
    this.#tag(field, 1);
    // 1e9 * seconds leaves 2^53: multiplied in two halves of 16 bits.
    const upper = Math.floor(seconds / 0x1_0000) * 1e9;
    const lower = (upper % 0x1_0000) * 0x1_0000 + (seconds % 0x1_0000) * 1e9 + nanos;
    this.#push64(lower % TWO_32, Math.floor(upper / 0x1_0000) + Math.floor(lower / TWO_32));
  }

  timeMs(field: number, ms: number): void {
    const seconds = Math.floor(ms / 1e3);
    this.time(field, seconds, Math.round((ms - seconds * 1e3) * 1e6));
  }

  /** A count as fixed64. */
  fixed64(field: number, value: number): void {
    this.#tag(field, 1);
    this.pushFixed64(value);
  }

  /** An element of a packed field. */
  pushFixed64(value: number): void {
    this.#push64(value % TWO_32, Math.floor(value / TWO_32));
  }

  /** An element of a packed field. */
  pushDouble(value: number): void {
    this.#room(8);
    this.#view.setFloat64(this.pos, value, true);
    this.pos += 8;
  }

  #push64(low: number, high: number): void {
    this.#room(8);
    this.#view.setUint32(this.pos, low, true);
    this.#view.setUint32(this.pos + 4, high, true);
    this.pos += 8;
  }

  #tag(field: number, wireType: number): void {
    this.#varint(field * 8 + wireType);
  }

  #varint(value: number): void {
    this.#room(10);
    if (value >= 0 && value < 128) {
      this.#bytes[this.pos++] = value;
      return;
    }
    // Two's complement in 64 bits, whose lower and upper halves JavaScript's operators take on their own.
    let low = value >>> 0;
    let high = Math.floor(value / TWO_32) >>> 0;
    while (high > 0 || low > 127) {
      this.#bytes[this.pos++] = (low & 127) | 128;
      low = ((low >>> 7) | (high << 25)) >>> 0;
      high >>>= 7;
    }
    this.#bytes[this.pos++] = low;
  }

  #room(count: number): void {
    const needed = this.pos + count;
    if (needed <= this.#bytes.length) return;
    const bigger = new Uint8Array(needed * 2);
    bigger.set(this.#bytes);
    this.#bytes = bigger;
    this.#view = new DataView(bigger.buffer);
  }
}

/** Of a digit (codes 48 to 57) or a letter (97 to 102). */
function hexValue(digits: string, at: number): number {
  const code = digits.charCodeAt(at);
  return (code & 15) + (code >> 6) * 9;
}
