import { isUtf8 } from 'node:buffer';
import { BYTES, FIXED32, FIXED64, VARINT, WireError, WireReader } from './reader.js';
import { AnyValueType, type Field, type MessageType } from './schema.js';

/**
 * Values within values an attribute or body may have. With 32 the deepest OTLP message stays within the 100 nested
 * messages that protobuf readers (ts-proto, Java) accept, so nothing downstream trips over what was let in.
 */
export const MAX_VALUE_DEPTH = 32;

/**
 * Checks that `bytes` are a message of `type`: every length within its parent, known fields with their wire types,
 * strings UTF-8, values nested at most {@link MAX_VALUE_DEPTH} deep. Unknown fields are skipped. Nothing is copied.
 *
 * @throws WireError whose message names the path, such as `resource_spans[0].scope_spans[0].spans[3].attributes[1]`.
 */
export function validate(bytes: Uint8Array, type: MessageType): void {
  const reader = new WireReader(bytes);
  try {
    checkMessage(reader, type, bytes.length, 0);
  } catch (error) {
    if (!(error instanceof WireError)) throw error;
    const path = pathTo(bytes, type, error.offset);
    throw new WireError(`${path} (byte ${error.offset}) ${error.message}`, error.offset);
  }
}

// Recursion is bounded: the types nest at most eight deep, and each further value counts against `values`.
function checkMessage(reader: WireReader, type: MessageType, end: number, values: number): void {
  while (reader.pos < end) {
    const tag = reader.tag(end);
    const field = type.fields[tag >>> 3];
    const wireType = tag & 7;
    if (!field) reader.skip(wireType, end);
    else if (wireType !== field.wireType) checkPacked(reader, field, wireType, end);
    else if (wireType === BYTES) checkBytes(reader, field, end, values);
    else reader.skip(wireType, end);
  }
}

function checkBytes(reader: WireReader, field: Field, end: number, values: number): void {
  const stop = reader.span(end);
  if (field.message) {
    const deeper = field.message === AnyValueType ? values + 1 : values;
    if (deeper > MAX_VALUE_DEPTH) throw reader.error(`nests values more than ${MAX_VALUE_DEPTH} deep`);
    checkMessage(reader, field.message, stop, deeper);
  } else {
    if (field.kind === 'string' && !isText(reader.bytes, reader.pos, stop))
      throw reader.error('is not UTF-8');
    reader.pos = stop;
  }
}

function isText(bytes: Uint8Array, from: number, to: number): boolean {
  for (let i = from; i < to; i++) {
    if ((bytes[i] ?? 0) > 127) return isUtf8(bytes.subarray(i, to));
  }
  return true;
}

/** Repeated numbers come packed into one length-delimited field, or, from old encoders, one by one. */
function checkPacked(reader: WireReader, field: Field, wireType: number, end: number): void {
  if (wireType !== BYTES || !field.repeated || field.wireType === BYTES) {
    throw reader.error(`has wire type ${wireType} where ${field.kind} has ${field.wireType}`);
  }
  const stop = reader.span(end);
  const size = { [FIXED64]: 8, [FIXED32]: 4 }[field.wireType];
  if (size !== undefined && (stop - reader.pos) % size !== 0) {
    throw reader.error(`has ${stop - reader.pos} bytes of numbers that take ${size} each`);
  }
  while (field.wireType === VARINT && reader.pos < stop) reader.varint(stop);
  reader.pos = stop;
}

/** Names the field that begins at `offset`, or else the innermost message around it. All before it is known to be sound. */
function pathTo(bytes: Uint8Array, root: MessageType, offset: number): string {
  const path: string[] = [];
  let type: MessageType | undefined = root;
  let start = 0;
  let end = bytes.length;
  while (type) {
    const step = stepTo(new WireReader(bytes, start), type, end, offset);
    if (!step) break;
    path.push(step.name);
    ({ start, end, type } = step);
  }
  return path.length === 0 ? root.name : path.join('.');
}

function stepTo(reader: WireReader, type: MessageType, end: number, offset: number) {
  const seen = new Map<number, number>();
  try {
    while (reader.pos < end) {
      const tag = reader.tag(end);
      const field = type.fields[tag >>> 3];
      const index = seen.get(tag >>> 3) ?? 0;
      seen.set(tag >>> 3, index + 1);
      const name = `${field?.name ?? `field ${tag >>> 3}`}${field?.repeated && field.message ? `[${index}]` : ''}`;
      if (reader.at === offset) return { name, start: 0, end: 0, type: undefined };
      const begin = reader.pos;
      reader.skip(tag & 7, end);
      if (reader.pos > offset) {
        reader.pos = begin;
        const stop = reader.span(end);
        return { name, start: reader.pos, end: stop, type: field?.message };
      }
    }
  } catch (error) {
    if (!(error instanceof WireError)) throw error;
  }
  return undefined;
}
