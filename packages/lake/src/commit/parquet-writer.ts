import { open } from 'node:fs/promises';
import { join } from 'node:path';
import { DuckDBInstance, type DuckDBConnection } from '@duckdb/node-api';
import { PARTITIONS, TABLES, type TableName } from '../schema.js';
import type { Batch } from './batch.js';

export type Compression = 'snappy' | 'zstd';

/** How much of a batch one write call takes. */
const CHUNK_BYTES = 1024 * 1024;

/** Turns batches into partitioned Parquet files. One DuckDB of its own, whose work runs off the event loop. */
export class ParquetWriter {
  readonly #instance: DuckDBInstance;
  readonly #connection: DuckDBConnection;
  readonly #compression: Compression;

  private constructor(instance: DuckDBInstance, connection: DuckDBConnection, compression: Compression) {
    this.#instance = instance;
    this.#connection = connection;
    this.#compression = compression;
  }

  static async open(options: { temporary: string; compression: Compression }): Promise<ParquetWriter> {
    const instance = await DuckDBInstance.create(':memory:', {
      threads: '2',
      memory_limit: '1GB',
      temp_directory: options.temporary,
      autoinstall_known_extensions: 'false',
      autoload_known_extensions: 'false',
    });
    const connection = await instance.connect();
    await connection.run("set TimeZone = 'UTC'");
    return new ParquetWriter(instance, connection, options.compression);
  }

  /**
   * Writes the rows of one table to `folder/date=…/hour=…/service=…/<fileName>-N.parquet` and returns how many rows are there.
   * Not yet durable: that is the caller's, who knows what else belongs to the commit.
   */
  async write(batch: Batch, table: TableName, folder: string, fileName: string): Promise<number> {
    const lines = join(folder, `${table}.ndjson`);
    await writeLines(lines, batch.lines(table));
    const result = await this.#connection.runAndReadAll(
      copyStatement(table, lines, join(folder, table), fileName, this.#compression),
    );
    return Number(result.getRowsJS()[0]?.[0] ?? 0);
  }

  close(): void {
    this.#connection.closeSync();
    this.#instance.closeSync();
  }
}

async function writeLines(path: string, lines: readonly Buffer[]): Promise<void> {
  const file = await open(path, 'w');
  try {
    let chunk: Buffer[] = [];
    let bytes = 0;
    for (const line of lines) {
      chunk.push(line);
      bytes += line.length;
      if (bytes < CHUNK_BYTES) continue;
      await file.writeFile(Buffer.concat(chunk));
      chunk = [];
      bytes = 0;
    }
    await file.writeFile(Buffer.concat(chunk));
  } finally {
    await file.close();
  }
}

function copyStatement(
  table: TableName,
  lines: string,
  to: string,
  fileName: string,
  compression: Compression,
): string {
  const stored = TABLES[table].filter((column) => column.from === undefined);
  // As text: the folder is `hour=03`, not `hour=3`, and a date stays as it was written.
  const partitions = PARTITIONS.map(({ name }) => `${text(name)}: 'VARCHAR'`);
  const types = stored.map(({ name, type }) => `${text(name)}: ${text(type)}`);
  const selected = TABLES[table].map(({ name, from }) => (from ? `${from} as "${name}"` : `"${name}"`));
  const names = PARTITIONS.map(({ name }) => name).join(', ');
  // A row that DuckDB cannot read must not stop all others for ever: it is left out and counted.
  return `copy (
    select ${[...selected, names].join(', ')}
    from read_json(${text(lines)}, format = 'newline_delimited', ignore_errors = true,
      columns = {${[...types, ...partitions].join(', ')}})
  ) to ${text(to)} (format parquet, compression ${compression}, partition_by (${names}),
    filename_pattern ${text(`${fileName}-{i}`)})`;
}

/** A SQL string literal. */
function text(value: string): string {
  return `'${value.replaceAll("'", "''")}'`;
}
