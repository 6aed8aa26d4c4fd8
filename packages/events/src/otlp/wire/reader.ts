/** Bytes that are not protobuf; `offset` is where the field begins that cannot be read. */
export class WireError extends Error {
  override readonly name = 'WireError';
  readonly offset: number;

  constructor(reason: string, offset: number) {
    super(reason);
    this.offset = offset;
  }
}

/** Wire types of the protobuf encoding that OTLP uses; groups (3 and 4) are gone since proto3. */
export const VARINT = 0;
export const FIXED64 = 1;
export const BYTES = 2;
export const FIXED32 = 5;

/**
 * A cursor over protobuf bytes. Each read is told where the enclosing message ends and throws {@link WireError} rather
 * than look beyond it, so that no input can make it read outside, loop, or allocate.
 */
export class WireReader {
  pos: number;
  /** Where the field under the cursor began: its tag. */
  at = 0;
  readonly bytes: Uint8Array;
  #view: DataView | undefined;

  constructor(bytes: Uint8Array, pos = 0) {
    this.bytes = bytes;
    this.pos = pos;
  }

  /** Field number and wire type: `tag >>> 3` and `tag & 7`. */
  tag(end: number): number {
    this.at = this.pos;
    const tag = this.varint(end);
    if (tag > 0xffffffff || tag < 8) throw this.error('not a field tag');
    return tag;
  }

  /** Value of a varint, exact up to 2^53. */
  varint(end: number): number {
    const { bytes } = this;
    // Tags and lengths are mostly of one byte.
    const first = bytes[this.pos] ?? 128;
    if (first < 128 && this.pos < end) {
      this.pos++;
      return first;
    }
    let value = 0;
    let scale = 1;
    for (let read = 0; read < 10; read++) {
      if (this.pos >= end) throw this.error('ends inside a varint');
      const byte = bytes[this.pos++] ?? 0;
      value += (byte & 127) * scale;
      if (byte < 128) return value;
      scale *= 128;
    }
    throw this.error('has a varint of more than 10 bytes');
  }

  /** Reads the length of a length-delimited field; returns where the field ends, never beyond `end`. */
  span(end: number): number {
    const length = this.varint(end);
    if (length > end - this.pos) {
      throw this.error(`says it has ${length} bytes where ${end - this.pos} are left`);
    }
    return this.pos + length;
  }

  fixed64(end: number): bigint {
    this.#advance(8, end);
    const { buffer, byteOffset, byteLength } = this.bytes;
    this.#view ??= new DataView(buffer, byteOffset, byteLength);
    return this.#view.getBigUint64(this.pos - 8, true);
  }

  skip(wireType: number, end: number): void {
    switch (wireType) {
      case VARINT:
        this.varint(end);
        return;
      case FIXED64:
        this.#advance(8, end);
        return;
      case BYTES:
        this.pos = this.span(end);
        return;
      case FIXED32:
        this.#advance(4, end);
        return;
      default:
        throw this.error(`has wire type ${wireType}, which OTLP does not use`);
    }
  }

  error(reason: string): WireError {
    return new WireError(reason, this.at);
  }

  #advance(count: number, end: number): void {
    if (end - this.pos < count) throw this.error(`ends inside a value of ${count} bytes`);
    this.pos += count;
  }
}
