/** One field of a protobuf message: a number for varints, a view of the bytes for everything else. */
export interface WireField {
  number: number;
  varint: number;
  bytes: Uint8Array;
  /** The field with its tag, to be copied as it is. */
  whole: Uint8Array;
}

const NOTHING = new Uint8Array(0);

/** The fields of a message in order. @throws RangeError when it is cut off or no protobuf. */
export function* wireFields(message: Uint8Array): Generator<WireField> {
  let at = 0;
  const varint = (): number => {
    let value = 0;
    for (let scale = 1; ; scale *= 128) {
      const byte = message[at++];
      if (byte === undefined || scale > 2 ** 63) throw new RangeError('not a protobuf message');
      value += (byte & 0x7f) * scale;
      if (byte < 0x80) return value;
    }
  };
  while (at < message.length) {
    const start = at;
    const tag = varint();
    const type = tag % 8;
    let value = 0;
    let size = 0;
    if (type === 0) value = varint();
    else if (type === 1) size = 8;
    else if (type === 2) size = varint();
    else if (type === 5) size = 4;
    else throw new RangeError('not a protobuf message');
    if (at + size > message.length) throw new RangeError('a protobuf message is cut off');
    const bytes = size === 0 ? NOTHING : message.subarray(at, at + size);
    at += size;
    yield { number: Math.floor(tag / 8), varint: value, bytes, whole: message.subarray(start, at) };
  }
}
