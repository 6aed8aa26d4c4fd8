import { putAscii, putStamp, Stamp } from '../export/encode/byte-writer.js';
import type { ProtoWriter } from '../export/encode/proto-writer.js';
import { writeAttribute, writeValue } from '../export/encode/values.js';
import type { KeyBytes } from './key-bytes.js';
import { KnownTexts } from './known-texts.js';

/** Tag of field 5. */
const BODY = 0x2a;
/** Longest message whose length is a byte. */
const MAX = 0x7f;
/** Bytes of the longest value that {@link putShort} puts, with what a stamp takes too much. */
const ROOM = MAX + 8;
/** A value that came so many times in a row stays. */
const TIMES = 3;
const known = new KnownTexts((text) => Buffer.from(text));

// What most attributes are (short texts, flags, numbers) goes a short way, in as few calls as can be: it runs for each field of each line.

export function writeBody(writer: ProtoWriter, message: string): void {
  writer.room(1 + ROOM);
  writer.bytes[writer.pos++] = BODY;
  const end = putShort(writer.bytes, writer.view, writer.pos, message);
  if (end > 0) writer.pos = end;
  else writeValue(writer, message);
}

/** The bytes of `writeAttribute`. Many texts stay for the lines of a request, or for all: those are copied with their key. */
export function writeField(writer: ProtoWriter, key: KeyBytes, value: unknown): void {
  if (typeof value !== 'string') writePair(writer, key, value);
  else if (key.last !== value) {
    // Not worth to be held for its key when it is long.
    key.last = value.length > MAX ? undefined : value;
    key.times = 1;
    key.lastPair = undefined;
    writePair(writer, key, value);
  } else if (key.lastPair !== undefined) writer.stamp(key.lastPair);
  else {
    const { pos } = writer;
    writePair(writer, key, value);
    if (++key.times === TIMES && writer.pos - pos <= MAX) key.lastPair = new Stamp(writer.written(pos));
  }
}

function writePair(writer: ProtoWriter, { pair, name }: KeyBytes, value: unknown): void {
  writer.room(pair.room + ROOM);
  const { bytes, view, pos } = writer;
  putStamp(view, pos, pair);
  const end = putShort(bytes, view, pos + pair.size, value);
  const length = end - pos - 2;
  if (length > 0 && length <= MAX) {
    bytes[pos + 1] = length;
    writer.pos = end;
  } else writeAttribute(writer, 6, name, value);
}

/** Puts an `AnyValue`, its length in front, at `at`. Returns where it ends; 0: it is none of the short ones. */
function putShort(bytes: Uint8Array, view: DataView, at: number, value: unknown): number {
  switch (typeof value) {
    case 'string': {
      const stamp = known.find(value);
      const length = stamp === undefined ? value.length : stamp.size;
      if (length > MAX - 2) return 0;
      bytes[at] = length + 2;
      bytes[at + 1] = 0x0a;
      bytes[at + 2] = length;
      if (stamp !== undefined) putStamp(view, at + 3, stamp);
      else if (!putAscii(bytes, at + 3, value)) return 0;
      return at + 3 + length;
    }
    case 'boolean':
      bytes[at] = 2;
      bytes[at + 1] = 0x10;
      bytes[at + 2] = value ? 1 : 0;
      return at + 3;
    case 'number':
      if (!Number.isInteger(value)) {
        bytes[at] = 9;
        bytes[at + 1] = 0x21;
        view.setFloat64(at + 2, value, true);
        return at + 10;
      }
      if (value < 0 || value > 0x7f) return 0;
      bytes[at] = 2;
      bytes[at + 1] = 0x18;
      bytes[at + 2] = value;
      return at + 3;
    default:
      return 0;
  }
}
