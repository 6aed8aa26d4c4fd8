import { WireWriter, type Field, type MessageType } from '@unhinged/events/otlp';
import { JsonError, parseJson } from './json-text.js';

/**
 * OTLP/JSON request → the same request in protobuf, so that one path serves both (OTLP specification, "JSON Protobuf
 * Encoding": ids in hex, other bytes in base64, enums as numbers or names, 64-bit integers as strings or numbers). Names
 * may be lowerCamelCase or as in the .proto file; unknown ones are skipped, as the specification asks.
 *
 * @throws JsonError naming the path, such as `resourceSpans[0].scopeSpans[0].spans[3].kind: …`.
 */
export function jsonToProtobuf(bytes: Uint8Array, type: MessageType): Uint8Array {
  const writer = new WireWriter(Math.max(bytes.length >> 1, 64));
  writeMessage(writer, type, parseJson(bytes), '');
  return writer.take();
}

// Recursion is bounded by the depth that parseJson allows.
function writeMessage(writer: WireWriter, type: MessageType, value: unknown, path: string): void {
  if (!isObject(value)) throw wrong(path, `an object (${type.name})`, value);
  for (const name of Object.keys(value)) {
    const field = type.byName.get(name);
    const given = value[name];
    if (!field || given === null || given === undefined) continue;
    const at = path === '' ? name : `${path}.${name}`;
    if (!field.repeated) {
      writeField(writer, field, given, at);
    } else if (Array.isArray(given)) {
      given.forEach((item, index) => {
        writeField(writer, field, item, `${at}[${index}]`);
      });
    } else {
      throw wrong(at, 'an array', given);
    }
  }
}

function writeField(writer: WireWriter, field: Field, value: unknown, path: string): void {
  const { number, message } = field;
  if (message) {
    // The specification's own events example writes the list of an arrayValue or kvlistValue without its `values`.
    const given: unknown =
      Array.isArray(value) && message.byName.has('values') ? { values: value as unknown[] } : value;
    writer.message(number, () => {
      writeMessage(writer, message, given, path);
    });
    return;
  }
  switch (field.kind) {
    case 'string':
      if (typeof value !== 'string') throw wrong(path, 'a string', value);
      writer.string(number, value);
      return;
    case 'bool':
      if (typeof value !== 'boolean') throw wrong(path, 'true or false', value);
      writer.uint(number, value ? 1 : 0);
      return;
    case 'id':
      if (typeof value !== 'string' || !/^(?:[\da-f]{2})*$/i.test(value))
        throw wrong(path, 'an id in hex', value);
      writer.bytes(number, Buffer.from(value, 'hex'));
      return;
    case 'bytes':
      if (typeof value !== 'string' || !/^[\w+/-]*={0,2}$/.test(value))
        throw wrong(path, 'bytes in base64', value);
      writer.bytes(number, Buffer.from(value, 'base64'));
      return;
    case 'double':
      writer.double(number, toDouble(value, path));
      return;
    case 'enum':
      writer.uint(number, toEnum(field, value, path));
      return;
    case 'fixed32':
      writer.fixed32(number, Number(toInteger(value, path, 0n, 2n ** 32n)));
      return;
    case 'uint32':
      writer.uint(number, toInteger(value, path, 0n, 2n ** 32n));
      return;
    case 'sint32': {
      const integer = toInteger(value, path, -(2n ** 31n), 2n ** 31n);
      writer.uint(number, integer < 0n ? -2n * integer - 1n : 2n * integer);
      return;
    }
    case 'int64':
      writer.uint(number, toInteger(value, path, -(2n ** 63n), 2n ** 63n));
      return;
    case 'uint64':
      writer.uint(number, toInteger(value, path, 0n, 2n ** 64n));
      return;
    case 'fixed64':
      writer.fixed64(number, toInteger(value, path, 0n, 2n ** 64n));
      return;
    case 'sfixed64':
      writer.fixed64(number, toInteger(value, path, -(2n ** 63n), 2n ** 63n));
      return;
    case 'message':
      throw new JsonError(`${path}: the schema has no message type here`);
  }
}

/** A whole number of at least `from` and less than `to`. */
function toInteger(value: unknown, path: string, from: bigint, to: bigint): bigint {
  let integer: bigint | undefined;
  if (typeof value === 'number' && Number.isInteger(value)) integer = BigInt(value);
  if (typeof value === 'string' && /^-?\d{1,20}$/.test(value)) integer = BigInt(value);
  // Trailing zeros and exponents are legal in proto3 JSON: 1.5e3.
  if (
    typeof value === 'string' &&
    integer === undefined &&
    value !== '' &&
    Number.isSafeInteger(Number(value))
  ) {
    integer = BigInt(Number(value));
  }
  if (integer === undefined || integer < from || integer >= to) {
    throw wrong(path, `a whole number from ${from.toString()} to ${(to - 1n).toString()}`, value);
  }
  return integer;
}

function toDouble(value: unknown, path: string): number {
  if (typeof value === 'number') return value;
  if (value === 'NaN') return NaN;
  if (typeof value === 'string' && /^-?(Infinity|\d[\d.]*(e[+-]?\d+)?)$/i.test(value)) {
    const number = Number(value);
    if (!Number.isNaN(number)) return number;
  }
  throw wrong(path, 'a number, "NaN", "Infinity" or "-Infinity"', value);
}

function toEnum(field: Field, value: unknown, path: string): number {
  // A number that this version does not know stays as it is: enums are open in proto3.
  if (typeof value === 'number' && Number.isInteger(value) && value >= 0 && value < 2 ** 31) return value;
  const number = typeof value === 'string' ? (field.enumOf?.(value) ?? -1) : -1;
  if (number < 0) throw wrong(path, 'a number or name of the enum', value);
  return number;
}

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

function wrong(path: string, expected: string, given: unknown): JsonError {
  const shown = JSON.stringify(given) as string | undefined;
  const short = shown === undefined ? typeof given : shown.length > 60 ? `${shown.slice(0, 60)}…` : shown;
  return new JsonError(`${path === '' ? 'the body' : path}: expected ${expected}, got ${short}`);
}
