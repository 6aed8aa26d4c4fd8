import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { DuckDBConnection } from '@duckdb/node-api';
import { PARTITIONS, TABLES, TABLE_NAMES, type TableName } from '../schema.js';

/** The tables as DuckDB views. A table without files has its columns all the same. */
export class Views {
  readonly #dir: string;
  /** Tables whose view reads files, once they have some. */
  readonly #filled = new Set<TableName>();

  constructor(dir: string) {
    this.#dir = dir;
  }

  async create(connection: DuckDBConnection): Promise<void> {
    for (const table of TABLE_NAMES) {
      const columns = [...TABLES[table], ...PARTITIONS].map(({ name, type }) => `"${name}" ${type}`);
      await connection.run(`create schema if not exists empty`);
      await connection.run(`create table empty."${table}" (${columns.join(', ')})`);
      await connection.run(`create view "${table}" as from empty."${table}"`);
    }
  }

  /** Makes views read files as soon as there are any. Files that come later are seen without it. */
  async refresh(connection: DuckDBConnection): Promise<void> {
    for (const table of TABLE_NAMES) {
      if (this.#filled.has(table) || !(await hasParquet(join(this.#dir, table)))) continue;
      await connection.run(viewStatement(table, join(this.#dir, table)));
      this.#filled.add(table);
    }
  }
}

/** A path as a pattern that matches only it: folder names may hold what a pattern gives a meaning. */
export function asPattern(path: string): string {
  return path.replace(/[*?[]/g, '[$&]');
}

function viewStatement(table: TableName, folder: string): string {
  const glob = join(asPattern(folder), '*', '*', '*', '*.parquet').replaceAll("'", "''");
  const types = PARTITIONS.map(({ name, type }) => `"${name}": ${type}`).join(', ');
  // The empty table gives files of older versions the columns they lack.
  return `create or replace view "${table}" as
    from empty."${table}" union all by name
    from read_parquet('${glob}', hive_partitioning = true, hive_types_autocast = false,
      hive_types = {${types}}, union_by_name = true)`;
}

async function hasParquet(folder: string): Promise<boolean> {
  let entries;
  try {
    entries = await readdir(folder, { withFileTypes: true });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return false;
    throw error;
  }
  for (const entry of entries) {
    if (entry.isFile() && entry.name.endsWith('.parquet')) return true;
    if (entry.isDirectory() && (await hasParquet(join(folder, entry.name)))) return true;
  }
  return false;
}
