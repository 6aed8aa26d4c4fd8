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

const HEX = Array.from({ length: 256 }, (_, byte) => byte.toString(16).padStart(2, '0'));

/** Lowercase hex. */
export function hex(bytes: Uint8Array): string {
  let text = '';
  for (const byte of bytes) text += HEX[byte] ?? '';
  return text;
}
