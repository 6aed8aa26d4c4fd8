const encoder = new TextEncoder();

/**
 * Writes protobuf fields into one growing buffer. Only what event envelopes and OTLP JSON need; messages that exist as
 * bytes already are moved, not rebuilt.
 */
export class WireWriter {
  #bytes: Uint8Array<ArrayBuffer>;
  #view: DataView;
  #length = 0;

  constructor(capacity = 256) {
    this.#bytes = new Uint8Array(capacity);
    this.#view = new DataView(this.#bytes.buffer);
  }

  /** A copy of what was written; the writer is empty again and can be reused. */
  take(): Uint8Array {
    const taken = this.#bytes.slice(0, this.#length);
    this.#length = 0;
    return taken;
  }

  /** Already encoded fields. */
  raw(bytes: Uint8Array): this {
    this.#reserve(bytes.length);
    this.#bytes.set(bytes, this.#length);
    this.#length += bytes.length;
    return this;
  }

  tag(field: number, wireType: number): this {
    return this.#varint(field * 8 + wireType);
  }

  /** Length-delimited: bytes, a string's UTF-8 or an encoded message. */
  bytes(field: number, bytes: Uint8Array): this {
    this.tag(field, 2).#varint(bytes.length);
    return this.raw(bytes);
  }

  string(field: number, text: string): this {
    const { length } = text;
    this.tag(field, 2).#reserve(length + 5);
    const start = this.#length;
    this.#varint(length);
    // Ids, names and dates are ASCII; a loop writes them three times as fast as TextEncoder does.
    for (let i = 0; i < length; i++) {
      const code = text.charCodeAt(i);
      if (code > 127) {
        this.#length = start;
        const bytes = encoder.encode(text);
        return this.#varint(bytes.length).raw(bytes);
      }
      this.#bytes[this.#length++] = code;
    }
    return this;
  }

  uint(field: number, value: number | bigint): this {
    this.tag(field, 0);
    return typeof value === 'number' ? this.#varint(value) : this.varint64(value);
  }

  fixed32(field: number, value: number): this {
    this.tag(field, 5).#reserve(4);
    this.#view.setUint32(this.#length, value, true);
    this.#length += 4;
    return this;
  }

  fixed64(field: number, value: bigint): this {
    this.tag(field, 1).#reserve(8);
    this.#view.setBigUint64(this.#length, BigInt.asUintN(64, value), true);
    this.#length += 8;
    return this;
  }

  double(field: number, value: number): this {
    this.tag(field, 1).#reserve(8);
    this.#view.setFloat64(this.#length, value, true);
    this.#length += 8;
    return this;
  }

  /** A message whose fields `write` writes. Its length goes in front afterwards, which moves the bytes only beyond 127. */
  message(field: number, write: () => void): this {
    this.tag(field, 2).#reserve(5);
    const start = ++this.#length;
    write();
    const length = this.#length - start;
    const wide = varintSize(length);
    if (wide > 1) {
      this.#reserve(wide);
      this.#bytes.copyWithin(start + wide - 1, start, this.#length);
    }
    this.#length = start - 1;
    this.#varint(length);
    this.#length += length;
    return this;
  }

  /** Two's complement in 64 bits, as int64 and uint64 are written. */
  varint64(value: bigint): this {
    this.#reserve(10);
    let rest = BigInt.asUintN(64, value);
    while (rest > 127n) {
      this.#bytes[this.#length++] = Number(rest & 127n) | 128;
      rest >>= 7n;
    }
    this.#bytes[this.#length++] = Number(rest);
    return this;
  }

  #varint(value: number): this {
    this.#reserve(10);
    let rest = value;
    while (rest > 127) {
      this.#bytes[this.#length++] = (rest % 128) | 128;
      rest = Math.floor(rest / 128);
    }
    this.#bytes[this.#length++] = rest;
    return this;
  }

  #reserve(count: number): void {
    if (this.#length + count <= this.#bytes.length) return;
    const larger = new Uint8Array(Math.max(this.#bytes.length * 2, this.#length + count));
    larger.set(this.#bytes.subarray(0, this.#length));
    this.#bytes = larger;
    this.#view = new DataView(larger.buffer);
  }
}

function varintSize(value: number): number {
  let size = 1;
  for (let rest = value; rest > 127; rest = Math.floor(rest / 128)) size++;
  return size;
}
