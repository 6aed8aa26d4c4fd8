import type { AnyValue, KeyValue } from '@unhinged/observability-proto/otlp';
import { base64 } from './base64.js';
import { setOwn } from './object-fields.js';
import { safeValue, type SafeObject, type SafeValue } from './safe-value.js';

/** What an OTLP AnyValue holds, as plain values; an empty AnyValue is null, an int is a bigint when it needs to be. */
export type PlainValue = string | number | boolean | bigint | Uint8Array | null | PlainValue[] | PlainObject;
export interface PlainObject {
  [key: string]: PlainValue;
}

/** Nesting beyond this becomes the text `[Truncated]`: a call stack is not a client's to exhaust. */
const MAX_DEPTH = 64;

/** OTLP attributes as a plain object. Of a key that comes twice the last value stays. */
export function fromKeyValues(list: readonly KeyValue[]): PlainObject {
  return collect(list, plain, 0);
}

/** One OTLP value as a plain value. */
export function fromAnyValue(value: AnyValue | undefined): PlainValue {
  return plain(value, 0);
}

/** OTLP attributes for a Struct or JSON: bytes as base64, whole numbers beyond 2^53 and NaN or infinities as strings. */
export function structFromKeyValues(list: readonly KeyValue[]): SafeObject {
  return collect(list, struct, 0);
}

/** One OTLP value for a Struct or JSON. */
export function structFromAnyValue(value: AnyValue | undefined): SafeValue {
  return struct(value, 0);
}

/** Attributes of an object, for OTLP. Values that OTLP cannot hold are made safe as for metadata, or dropped. */
export function toKeyValues(attributes: Readonly<Record<string, unknown>>): KeyValue[] {
  const list: KeyValue[] = [];
  for (const key of Object.keys(attributes)) {
    const value = toAnyValue(attributes[key]);
    if (value !== undefined) list.push({ key, value });
  }
  return list;
}

/** One value for OTLP: whole numbers as ints, other numbers as doubles. Undefined for undefined, functions and symbols. */
export function toAnyValue(value: unknown): AnyValue | undefined {
  if (value instanceof Uint8Array) return { value: { $case: 'bytesValue', value } };
  if (typeof value === 'bigint' && BigInt.asIntN(64, value) === value) {
    return { value: { $case: 'intValue', value } };
  }
  if (typeof value === 'number') return numberValue(value);
  const safe = safeValue(value);
  return safe === undefined ? undefined : fromSafe(safe);
}

function fromSafe(value: SafeValue): AnyValue {
  switch (typeof value) {
    case 'string':
      return { value: { $case: 'stringValue', value } };
    case 'boolean':
      return { value: { $case: 'boolValue', value } };
    case 'number':
      return numberValue(value);
    default:
      if (value === null) return { value: undefined };
      if (Array.isArray(value))
        return { value: { $case: 'arrayValue', value: { values: value.map(fromSafe) } } };
      return {
        value: {
          $case: 'kvlistValue',
          value: { values: Object.entries(value).map(([key, item]) => ({ key, value: fromSafe(item) })) },
        },
      };
  }
}

const numberValue = (value: number): AnyValue => ({
  value: Number.isSafeInteger(value)
    ? { $case: 'intValue', value: BigInt(value) }
    : { $case: 'doubleValue', value },
});

function collect<T>(
  list: readonly KeyValue[],
  convert: (value: AnyValue | undefined, depth: number) => T,
  depth: number,
): Record<string, T> {
  const result: Record<string, T> = {};
  for (const { key, value } of list) setOwn(result, key, convert(value, depth));
  return result;
}

function plain(value: AnyValue | undefined, depth: number): PlainValue {
  const held = value?.value;
  if (held === undefined) return null;
  if (depth > MAX_DEPTH) return '[Truncated]';
  switch (held.$case) {
    case 'intValue':
      return isSafe(held.value) ? Number(held.value) : held.value;
    case 'arrayValue':
      return held.value.values.map((item) => plain(item, depth + 1));
    case 'kvlistValue':
      return collect(held.value.values, plain, depth + 1);
    default:
      return held.value;
  }
}

function struct(value: AnyValue | undefined, depth: number): SafeValue {
  const held = value?.value;
  if (held === undefined) return null;
  if (depth > MAX_DEPTH) return '[Truncated]';
  switch (held.$case) {
    case 'intValue':
      return isSafe(held.value) ? Number(held.value) : held.value.toString();
    case 'doubleValue':
      return Number.isFinite(held.value) ? held.value : String(held.value);
    case 'bytesValue':
      return base64(held.value);
    case 'arrayValue':
      return held.value.values.map((item) => struct(item, depth + 1));
    case 'kvlistValue':
      return collect(held.value.values, struct, depth + 1);
    default:
      return held.value;
  }
}

const isSafe = (value: bigint): boolean =>
  value >= BigInt(Number.MIN_SAFE_INTEGER) && value <= BigInt(Number.MAX_SAFE_INTEGER);
