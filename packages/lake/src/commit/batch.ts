import { TABLE_NAMES, type TableName } from '../schema.js';
import type { EventRows } from '../rows/row.js';

/** DuckDB reads a JSON line of at most 16 MiB. */
const MAX_ROW_BYTES = 16 * 1024 * 1024;

/** Rows between two commits, as the JSON lines that DuckDB will read. Strings of bytes, so that they cost what they weigh. */
export class Batch {
  readonly #lines: Record<TableName, Buffer[]>;
  readonly #events = new Set<string>();
  readonly #counts: Record<TableName, number>;
  /** Highest sequence seen, of inputs with and without rows; the commit covers it. */
  sequence = 0;
  rows = 0;
  bytes = 0;

  constructor() {
    this.#lines = perTable(() => []);
    this.#counts = perTable(() => 0);
  }

  /** Adds the rows of one event, all or none. */
  add({ table, eventId, rows }: EventRows): 'added' | 'duplicate_event' | 'too_large' {
    if (eventId !== '' && this.#events.has(eventId)) return 'duplicate_event';
    const lines = rows.map((row) => Buffer.from(`${JSON.stringify(row)}\n`));
    if (lines.some((line) => line.length > MAX_ROW_BYTES)) return 'too_large';
    this.#events.add(eventId);
    for (const line of lines) {
      this.#lines[table].push(line);
      this.bytes += line.length;
    }
    this.#counts[table] += lines.length;
    this.rows += lines.length;
    return 'added';
  }

  lines(table: TableName): readonly Buffer[] {
    return this.#lines[table];
  }

  count(table: TableName): number {
    return this.#counts[table];
  }
}

/** One value for each table. */
export function perTable<T>(value: (table: TableName) => T): Record<TableName, T> {
  return Object.fromEntries(TABLE_NAMES.map((table) => [table, value(table)])) as Record<TableName, T>;
}
