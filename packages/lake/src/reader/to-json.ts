import type { AttributeValue } from '@unhinged/observability-core';
import {
  DuckDBArrayValue,
  DuckDBBlobValue,
  DuckDBDecimalValue,
  DuckDBListValue,
  DuckDBMapValue,
  DuckDBStructValue,
  DuckDBTimestampTZValue,
  DuckDBTimestampValue,
  DuckDBUnionValue,
  type DuckDBValue,
} from '@duckdb/node-api';

/**
 * A value of a result as JSON: integers and decimals as numbers where that is exact, else as text; NaN and infinities by
 * name; timestamps in ISO 8601 with microseconds, those with time zone in UTC; bytes as base64; maps and structs as objects;
 * every other type as DuckDB writes it.
 */
export function toJson(value: DuckDBValue): AttributeValue {
  switch (typeof value) {
    case 'string':
    case 'boolean':
      return value;
    case 'number':
      return Number.isFinite(value) ? value : String(value);
    case 'bigint':
      return exactNumber(value.toString());
    default:
      return value === null ? null : objectToJson(value);
  }
}

function objectToJson(
  value: Exclude<DuckDBValue, string | boolean | number | bigint | null>,
): AttributeValue {
  if (value instanceof DuckDBTimestampTZValue) return isoOfMicros(value.micros, 'Z') ?? value.toString();
  if (value instanceof DuckDBTimestampValue) return isoOfMicros(value.micros, '') ?? value.toString();
  if (value instanceof DuckDBDecimalValue) return exactNumber(value.toString());
  if (value instanceof DuckDBBlobValue) return Buffer.from(value.bytes).toString('base64');
  if (value instanceof DuckDBListValue || value instanceof DuckDBArrayValue) return value.items.map(toJson);
  if (value instanceof DuckDBUnionValue) return toJson(value.value);
  if (value instanceof DuckDBStructValue) {
    return Object.fromEntries(Object.entries(value.entries).map(([key, item]) => [key, toJson(item)]));
  }
  if (value instanceof DuckDBMapValue) {
    return Object.fromEntries(value.entries.map(({ key, value: item }) => [keyText(key), toJson(item)]));
  }
  return value.toString();
}

function keyText(key: DuckDBValue): string {
  const json = toJson(key);
  return typeof json === 'string' ? json : JSON.stringify(json);
}

function exactNumber(decimal: string): number | string {
  const number = Number(decimal);
  if (Number.isInteger(number)) return Number.isSafeInteger(number) ? number : decimal;
  // 15 significant digits survive the way through a double.
  return decimal.replace(/[-.]/g, '').length <= 15 ? number : decimal;
}

/** Undefined for the infinite timestamps and the years that DuckDB has and a Date has not. */
function isoOfMicros(micros: bigint, zone: string): string | undefined {
  const ms = micros >= 0n ? micros / 1000n : (micros - 999n) / 1000n;
  const date = new Date(Number(ms));
  if (Number.isNaN(date.getTime())) return undefined;
  const rest = (micros - ms * 1000n).toString().padStart(3, '0');
  return `${date.toISOString().slice(0, -1)}${rest}${zone}`;
}
