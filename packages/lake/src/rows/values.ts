import { base64, setOwn } from '@unhinged/observability-core';
import type { Timestamp } from '@unhinged/observability-proto';
import type { AnyValue, KeyValue } from '@unhinged/observability-proto/otlp';

/** What a JSON line can hold; a bigint is written as a string, which DuckDB reads into a BIGINT column. */
export type Json = string | number | boolean | null | Json[] | { [key: string]: Json };

const INT64_MAX = 2n ** 63n - 1n;
const INT64_MIN = -(2n ** 63n);

/** A 64-bit integer for a BIGINT column: text, because JSON numbers end at 2^53. Null when it does not fit. */
export function int64(value: bigint): string | null {
  return value <= INT64_MAX && value >= INT64_MIN ? value.toString() : null;
}

/** A double for a DOUBLE column: NaN and infinities by name, which JSON has no numbers for. */
export function double(value: number): number | string {
  return Number.isFinite(value) ? value : String(value);
}

/** Unix nanoseconds of a protobuf timestamp. */
export function nanos(timestamp: Timestamp | undefined): bigint | undefined {
  return timestamp && timestamp.seconds * 1_000_000_000n + BigInt(timestamp.nanos);
}

const HEX = Array.from({ length: 256 }, (_, byte) => byte.toString(16).padStart(2, '0'));

/** Lowercase hex. */
export function hex(bytes: Uint8Array): string {
  let text = '';
  for (const byte of bytes) text += HEX[byte] ?? '';
  return text;
}

/** OTLP attributes as an object: integers beyond 2^53 as text, bytes as base64, NaN and infinities by name. */
export function attributesOf(pairs: readonly KeyValue[]): Record<string, Json> {
  const object: Record<string, Json> = {};
  for (const { key, value } of pairs) setOwn(object, key, anyValue(value));
  return object;
}

function anyValue(of: AnyValue | undefined): Json {
  const value = of?.value;
  switch (value?.$case) {
    case undefined:
      return null;
    case 'stringValue':
    case 'boolValue':
      return value.value;
    case 'intValue': {
      const number = Number(value.value);
      return Number.isSafeInteger(number) ? number : value.value.toString();
    }
    case 'doubleValue':
      return double(value.value);
    case 'bytesValue':
      return base64(value.value);
    case 'arrayValue':
      return value.value.values.map(anyValue);
    case 'kvlistValue':
      return attributesOf(value.value.values);
  }
}
