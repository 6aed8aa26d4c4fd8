import type { HeaderSink } from '../../event-headers.js';

/** What one batch needs; more is given back. */
const KEPT_BYTES = 4 * 1024 * 1024;

/** Writes Kafka's records into one growing buffer: varints are zigzag, a text is its length and its UTF-8. */
export class RecordWriter implements HeaderSink {
  #bytes = Buffer.allocUnsafeSlow(64 * 1024);
  #length = 0;
  /** Of the header that is being written. */
  #valueStart = 0;

  clear(): void {
    this.#length = 0;
  }

  /** A view of what was written; the next write overwrites it. */
  take(): Buffer {
    const taken = this.#bytes.subarray(0, this.#length);
    if (this.#bytes.length > KEPT_BYTES) this.#bytes = Buffer.allocUnsafeSlow(64 * 1024);
    this.#length = 0;
    return taken;
  }

  byte(value: number): void {
    this.#reserve(1);
    this.#bytes[this.#length++] = value;
  }

  /** @param value a whole number in 32 bits */
  varint(value: number): void {
    this.#reserve(5);
    let rest = ((value << 1) ^ (value >> 31)) >>> 0;
    for (; rest > 127; rest >>>= 7) this.#bytes[this.#length++] = (rest & 127) | 128;
    this.#bytes[this.#length++] = rest;
  }

  /** Begins what has its length in front; give `close` what this returns. */
  open(): number {
    this.#reserve(1);
    return ++this.#length;
  }

  /** Puts the length in front of what was written since `open`; moves it when the length needs more than a byte. */
  close(start: number): void {
    const length = this.#length - start;
    let wide = 1;
    for (let rest = length >>> 6; rest > 0; rest >>>= 7) wide++;
    if (wide > 1) {
      this.#reserve(wide);
      this.#bytes.copyWithin(start + wide - 1, start, this.#length);
    }
    this.#length = start - 1;
    this.varint(length);
    this.#length += length;
  }

  /** UTF-8 without its length. */
  text(text: string): void {
    const { length } = text;
    this.#reserve(3 * length);
    const start = this.#length;
    // Almost all is short and ASCII, which a loop writes faster than a call into C++ does.
    for (let index = 0; index < length; index++) {
      const code = text.charCodeAt(index);
      if (code > 127) {
        this.#length = start + this.#bytes.write(text, start);
        return;
      }
      this.#bytes[this.#length++] = code;
    }
  }

  /** Text with its length. */
  string(text: string): void {
    const start = this.open();
    this.text(text);
    this.close(start);
  }

  /** Name of a header; its value is what is written until `end`. */
  begin(name: string): void {
    this.string(name);
    this.#valueStart = this.open();
  }

  end(): void {
    this.close(this.#valueStart);
  }

  /** Bytes as they are. */
  raw(bytes: Uint8Array): void {
    this.#reserve(bytes.length);
    this.#bytes.set(bytes, this.#length);
    this.#length += bytes.length;
  }

  /** A few bytes of others. */
  piece(bytes: Uint8Array, start: number, end: number): void {
    this.#reserve(end - start);
    for (let at = start; at < end; at++) this.#bytes[this.#length++] = bytes[at] ?? 0;
  }

  #reserve(count: number): void {
    if (this.#length + count <= this.#bytes.length) return;
    const larger = Buffer.allocUnsafeSlow(Math.max(this.#bytes.length * 2, this.#length + count));
    this.#bytes.copy(larger, 0, 0, this.#length);
    this.#bytes = larger;
  }
}
