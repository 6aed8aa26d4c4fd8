import type { AttributeValue, QueryResponse } from '@unhinged/observability-core';
import { formatValue } from '../../format/format.js';

/** RFC 4180: CRLF, quotes doubled; null is an empty field. */
export function toCsv({ columns, rows }: QueryResponse): string {
  const line = (fields: readonly AttributeValue[]): string =>
    fields.map((value) => quote(value === null ? '' : formatValue(value))).join(',');
  return [line(columns.map(({ name }) => name)), ...rows.map(line)].join('\r\n');
}

function quote(text: string): string {
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}

/** An array of objects. Of columns with one name the later ones get a number: `count`, `count_2`. */
export function toJson({ columns, rows }: QueryResponse): string {
  const names: string[] = [];
  for (const { name } of columns) {
    let free = name;
    for (let number = 2; names.includes(free); number++) free = `${name}_${number}`;
    names.push(free);
  }
  return JSON.stringify(
    rows.map((row) => Object.fromEntries(names.map((name, index) => [name, row[index] ?? null]))),
    null,
    2,
  );
}

const NUMERIC = /^(U?(TINY|SMALL|BIG|HUGE)?INT|U?INTEGER|FLOAT|DOUBLE|DECIMAL)\b/i;

/** Whether the values of a column of DuckDB type `type` are numbers, to be set flush right. */
export function isNumeric(type: string): boolean {
  return NUMERIC.test(type);
}
