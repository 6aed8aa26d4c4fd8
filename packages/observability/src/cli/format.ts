import type { AttributeValue, QueryResponse } from '@unhinged/observability-core';

export type RowFormat = 'table' | 'json' | 'csv';

/** A cell of a table is cut here; JSON and CSV carry everything. */
const MAX_CELL = 60;

/** Rows as text, every line ended. `json` is one object a row, and nothing when there are none. */
export function formatRows({ columns, rows }: QueryResponse, format: RowFormat): string {
  const names = columns.map(({ name }) => name);
  switch (format) {
    case 'json':
      return rows.map((row) => `${JSON.stringify(asObject(names, row))}\n`).join('');
    case 'csv':
      // RFC 4180.
      return [names, ...rows].map((row) => `${row.map(csvCell).join(',')}\r\n`).join('');
    case 'table':
      return table(names, rows);
  }
}

/** Columns of the same name get a number, as an object has each key once. */
function asObject(names: readonly string[], row: readonly AttributeValue[]): Record<string, AttributeValue> {
  const object: [string, AttributeValue][] = [];
  const seen = new Map<string, number>();
  for (const [index, name] of names.entries()) {
    const times = seen.get(name) ?? 0;
    seen.set(name, times + 1);
    object.push([times === 0 ? name : `${name}_${times}`, row[index] ?? null]);
  }
  return Object.fromEntries(object);
}

function text(value: AttributeValue | undefined): string {
  if (value === null || value === undefined) return '';
  return typeof value === 'object' ? JSON.stringify(value) : String(value);
}

function csvCell(value: AttributeValue): string {
  const cell = text(value);
  return /[",\r\n]/.test(cell) ? `"${cell.replaceAll('"', '""')}"` : cell;
}

function table(names: readonly string[], rows: readonly (readonly AttributeValue[])[]): string {
  const cells = rows.map((row) => row.map(tableCell));
  const widths = names.map((name, column) =>
    Math.max(name.length, ...cells.map((row) => row[column]?.length ?? 0)),
  );
  const isNumber = names.map((_, column) => rows.some((row) => typeof row[column] === 'number'));
  const line = (row: readonly string[]) =>
    row
      .map((cell, column) =>
        isNumber[column] ? cell.padStart(widths[column] ?? 0) : cell.padEnd(widths[column] ?? 0),
      )
      .join('  ')
      .trimEnd();
  const rule = widths.map((width) => '─'.repeat(width)).join('  ');
  return `${[line(names), rule, ...cells.map(line), '', `${rows.length} ${rows.length === 1 ? 'row' : 'rows'}`].join('\n')}\n`;
}

// Control characters of a log line must not reach the terminal.
// eslint-disable-next-line no-control-regex
const control = /[\u0000-\u001f\u007f-\u009f]/g;

/** Text from elsewhere, safe to print on a terminal. */
export function printable(value: string): string {
  return value.replace(control, (character) => (character === '\n' ? '⏎' : character === '\t' ? ' ' : '·'));
}

function tableCell(value: AttributeValue): string {
  const cell = printable(value === null ? 'null' : text(value));
  return cell.length > MAX_CELL ? `${cell.slice(0, MAX_CELL - 1)}…` : cell;
}
