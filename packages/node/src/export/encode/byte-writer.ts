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

  stamp(stamp: Stamp): void {
    this.room(stamp.room);
    putStamp(this.view, this.pos, stamp);
    this.pos += stamp.size;
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

/** Takes `stamp.room` bytes, up to seven more than there are in the stamp. */
export function putStamp(view: DataView, at: number, { doubles, words }: Stamp): void {
  let to = at;
  if (words === undefined) {
    const { length } = doubles;
    for (let index = 0; index < length; index++) {
      view.setFloat64(to, doubles[index] ?? 0, true);
      to += 8;
    }
    return;
  }
  for (const word of words) {
    view.setInt32(to, word, true);
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
 * Bytes that are written again and again, copied eight at a time, as numbers: a call into native code costs more than that, four at a
 * time twice as much, single bytes four times as much (measured on Node 20).
 */
export class Stamp {
  size = 0;
  /** Bytes to make room for. */
  room = 0;
  doubles = new Float64Array(0);
  /** In place of the doubles where eight bytes are no number, which need not stay as they are: in ids and times, never in text. */
  words: Int32Array | undefined;

  constructor(bytes?: Uint8Array) {
    if (bytes) this.set(bytes);
  }

  set(bytes: Uint8Array): void {
    const length = Math.ceil(bytes.length / 8);
    this.size = bytes.length;
    this.room = length * 8;
    if (this.room > padded.bytes.length) padded = new ByteWriter(this.room);
    const { bytes: all, view } = padded;
    all.set(bytes);
    for (let index = bytes.length; index < this.room; index++) all[index] = 0;
    if (length !== this.doubles.length) this.doubles = new Float64Array(length);
    let areNumbers = true;
    for (let index = 0; index < length; index++) {
      const number = view.getFloat64(index * 8, true);
      this.doubles[index] = number;
      if (Number.isNaN(number)) areNumbers = false;
    }
    this.words = areNumbers
      ? undefined
      : Int32Array.from({ length: length * 2 }, (_, at) => view.getInt32(at * 4, true));
  }
}

/** The bytes of a stamp that is being set, with zeros after them. */
let padded = new ByteWriter(256);
