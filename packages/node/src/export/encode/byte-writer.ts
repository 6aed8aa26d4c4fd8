/** Bytes into a buffer that grows and is used again. */
export class ByteWriter {
  pos = 0;
  /** Both are others after {@link room}. */
  bytes: Uint8Array;
  view: DataView;
  /** The same bytes: views of a Buffer take twice as long to make as those of a plain array. */
  private buffer: Buffer;

  constructor(size = 4_096) {
    this.buffer = Buffer.allocUnsafeSlow(size);
    this.bytes = new Uint8Array(this.buffer.buffer);
    this.view = new DataView(this.buffer.buffer);
  }

  /** What was written, valid until the next write. */
  written(from = 0, to = this.pos): Buffer {
    return this.buffer.subarray(from, to);
  }

  /** Gives memory back that one unusual record made it take. */
  reset(): void {
    this.pos = 0;
    if (this.bytes.length > 4 * 1024 * 1024) this.take(Buffer.allocUnsafeSlow(4_096));
  }

  /** Forgets the first bytes: the others move to the front. */
  forget(count: number): void {
    this.bytes.copyWithin(0, count, this.pos);
    this.pos -= count;
  }

  byte(value: number): void {
    this.room(1);
    this.bytes[this.pos++] = value;
  }

  /** Replaces a byte that was written. */
  patch(at: number, value: number): void {
    this.bytes[at] = value;
  }

  raw(bytes: Uint8Array): void {
    this.room(bytes.length);
    this.bytes.set(bytes, this.pos);
    this.pos += bytes.length;
  }

  stamp({ words, size }: Stamp): void {
    this.room(words.length * 4);
    putWords(this.view, this.pos, words);
    this.pos += size;
  }

  /** Characters of one byte each. False, and nothing written, when there are others: for short texts, see {@link SHORT_TEXT}. */
  ascii(text: string): boolean {
    const { length } = text;
    this.room(length);
    if (!putAscii(this.bytes, this.pos, text)) return false;
    this.pos += length;
    return true;
  }

  /** Lone surrogates become U+FFFD. */
  utf8(text: string): void {
    if (text.length <= SHORT_TEXT && this.ascii(text)) return;
    this.room(text.length * 3);
    this.pos += this.buffer.write(text, this.pos, 'utf8');
  }

  /** Makes room for so many bytes more. */
  room(size: number): void {
    const needed = this.pos + size;
    if (needed <= this.bytes.length) return;
    const grown = Buffer.allocUnsafeSlow(Math.max(needed, this.bytes.length * 2));
    grown.set(this.bytes);
    this.take(grown);
  }

  private take(buffer: Buffer): void {
    this.buffer = buffer;
    this.bytes = new Uint8Array(buffer.buffer);
    this.view = new DataView(buffer.buffer);
  }
}

/** Takes up to three bytes more than there are in the stamp. */
export function putWords(view: DataView, at: number, words: Int32Array): void {
  const { length } = words;
  let to = at;
  for (let index = 0; index < length; index++) {
    view.setInt32(to, words[index] ?? 0, true);
    to += 4;
  }
}

/** False when a character is none of ASCII. */
export function putAscii(bytes: Uint8Array, at: number, text: string): boolean {
  const { length } = text;
  for (let index = 0; index < length; index++) {
    const code = text.charCodeAt(index);
    if (code > 0x7f) return false;
    bytes[at + index] = code;
  }
  return true;
}

/** Up to this length a loop over the characters beats a call into native code (measured on Node 20). */
export const SHORT_TEXT = 64;

/**
 * Bytes that are written again and again, copied four at a time: a call into native code costs more than that, and a loop over
 * single bytes twice as much (measured on Node 20).
 */
export class Stamp {
  words = new Int32Array(0);
  size = 0;

  constructor(bytes?: Uint8Array) {
    if (bytes) this.set(bytes);
  }

  set(bytes: Uint8Array): void {
    const length = Math.ceil(bytes.length / 4);
    if (length !== this.words.length) this.words = new Int32Array(length);
    for (let index = 0; index < length; index++) {
      const at = index * 4;
      this.words[index] =
        byteAt(bytes, at) |
        (byteAt(bytes, at + 1) << 8) |
        (byteAt(bytes, at + 2) << 16) |
        (byteAt(bytes, at + 3) << 24);
    }
    this.size = bytes.length;
  }
}

const byteAt = (bytes: Uint8Array, at: number): number => (at < bytes.length ? (bytes[at] ?? 0) : 0);
