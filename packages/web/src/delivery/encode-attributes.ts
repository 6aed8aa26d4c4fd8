import type { ProtoWriter } from './proto-writer.js';

const MAX_KEYS = 256;
/** Keys that were written, as field 1 of a `KeyValue`: they are few, and come with every span. */
const keys = new Map<string, Uint8Array>();

/** `KeyValue`s of a repeated field. What OTLP cannot hold is left out; what is undefined or null in a list is an empty value. */
export function writeAttributes(writer: ProtoWriter, field: number, attributes: object): void {
  for (const key of Object.keys(attributes)) {
    const value = (attributes as Record<string, unknown>)[key];
    if (!isValue(value)) continue;
    const pair = writer.begin(field);
    writeKey(writer, key);
    const start = writer.begin(2);
    writeValue(writer, value);
    writer.end(start);
    writer.end(pair);
  }
}

function writeKey(writer: ProtoWriter, key: string): void {
  const known = keys.get(key);
  if (known) {
    writer.raw(known);
    return;
  }
  const start = writer.pos;
  writer.text(1, key);
  if (keys.size < MAX_KEYS && key.length < 128) keys.set(key, writer.bytes(start));
}

/** The fields of an `AnyValue`: whole numbers as ints, other numbers as doubles; none for null. */
export function writeValue(writer: ProtoWriter, value: unknown): void {
  if (typeof value === 'string') writer.text(1, value);
  else if (typeof value === 'boolean') writer.int(2, Number(value));
  else if (typeof value === 'number') {
    if (Number.isSafeInteger(value)) writer.int(3, value);
    else writer.double(4, value);
  } else if (Array.isArray(value)) {
    writer.nested(5, () => {
      for (const item of value)
        writer.nested(1, () => {
          writeValue(writer, item);
        });
    });
  } else if (typeof value === 'object' && value !== null) {
    writer.nested(6, () => {
      writeAttributes(writer, 1, value);
    });
  }
}

const isValue = (value: unknown): boolean =>
  value !== undefined && typeof value !== 'function' && typeof value !== 'symbol';
