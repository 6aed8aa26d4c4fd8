import { stat } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { DuckDBInstance, type DuckDBConnection } from '@duckdb/node-api';
import { ObservabilityError, type QueryResponse } from '@unhinged/observability-core';
import { TABLE_NAMES } from '../schema.js';
import { badQuery, messageOf, prepareRead } from './statement.js';
import { toJson } from './to-json.js';
import { asPattern, Views } from './views.js';

export interface LakeReaderOptions {
  /** Folder of the lake. A lake may be writing to it, also in another process. */
  dir: string;
  /** What DuckDB may use. Default `512MB`; nothing is spilled to disk. */
  memoryLimit?: string;
}

export interface QueryOptions {
  /** Rows returned at most, 1 to 10,000. Default 1,000. */
  maxRows?: number;
  /** Milliseconds before the query is interrupted, waiting included. Default 30,000. */
  timeoutMs?: number;
}

export interface LakeReader {
  /**
   * Runs one reading statement over `observability_traces`, `observability_logs` and `observability_metrics`.
   *
   * @throws ObservabilityError `bad_query` with DuckDB's message, `query_timeout`, `query_busy`, `reader_closed`.
   */
  query(sql: string, options?: QueryOptions): Promise<QueryResponse>;
  /** Interrupts what runs and closes. */
  close(): Promise<void>;
}

// A query holds one of libuv's four threads while it runs, and files are read and synced on the same four.
const MAX_RUNNING = 2;
const MAX_WAITING = 32;
const MAX_ROWS = 10_000;

/**
 * Opens a lake for reading, with no more rights than that: SQL can read the lake's files and nothing else, load no extension
 * and change no setting.
 *
 * @throws ObservabilityError `lake_not_found` when the folder does not exist.
 */
export async function openLakeReader(options: LakeReaderOptions): Promise<LakeReader> {
  const dir = resolve(options.dir);
  const folder = await stat(dir).catch((cause: unknown) => {
    throw new ObservabilityError('lake_not_found', `There is no lake at ${dir}.`, { cause });
  });
  if (!folder.isDirectory()) throw new ObservabilityError('lake_not_found', `${dir} is not a folder.`);
  const instance = await DuckDBInstance.create(':memory:', {
    threads: '2',
    memory_limit: options.memoryLimit ?? '512MB',
    temp_directory: '',
    autoinstall_known_extensions: 'false',
    autoload_known_extensions: 'false',
    allow_community_extensions: 'false',
  });
  const views = new Views(dir);
  const connection = await instance.connect();
  await views.create(connection);
  // DuckDB asks for the pattern of a view as well as for the files it finds.
  const allowed = TABLE_NAMES.map((table) => join(dir, table))
    .flatMap((folder) => [folder, asPattern(folder)])
    .map((path) => `'${path.replaceAll("'", "''")}'`)
    .join(', ');
  await connection.run(`set allowed_directories = [${allowed}]`);
  await connection.run('set enable_external_access = false');
  await connection.run(`set global TimeZone = 'UTC'`);
  await connection.run('set lock_configuration = true');
  return new DuckDBReader(instance, connection, views);
}

class DuckDBReader implements LakeReader {
  readonly #instance: DuckDBInstance;
  /** For our own statements, one at a time. */
  readonly #own: DuckDBConnection;
  readonly #views: Views;
  readonly #waiting: (() => void)[] = [];
  #refreshing: Promise<void> = Promise.resolve();
  #active = 0;
  #idle: (() => void) | undefined;
  #closed = false;

  constructor(instance: DuckDBInstance, own: DuckDBConnection, views: Views) {
    this.#instance = instance;
    this.#own = own;
    this.#views = views;
  }

  async query(sql: string, options: QueryOptions = {}): Promise<QueryResponse> {
    const maxRows = checked('maxRows', options.maxRows ?? 1_000, MAX_ROWS);
    const timeoutMs = checked('timeoutMs', options.timeoutMs ?? 30_000, 3_600_000);
    const started = performance.now();
    await this.#turn();
    try {
      return await this.#run(sql, maxRows, started, timeoutMs);
    } finally {
      this.#release();
    }
  }

  async close(): Promise<void> {
    if (this.#closed) return;
    this.#closed = true;
    if (this.#active > 0) await new Promise<void>((resolve) => (this.#idle = resolve));
    this.#own.closeSync();
    this.#instance.closeSync();
  }

  /** Resolves when a query may start; it then holds one of the places until `#release`. */
  async #turn(): Promise<void> {
    if (this.#active < MAX_RUNNING) {
      this.#requireOpen();
      this.#active++;
      return;
    }
    if (this.#waiting.length >= MAX_WAITING) {
      throw new ObservabilityError('query_busy', `${MAX_WAITING} queries are waiting. Try again later.`);
    }
    // Whoever releases hands its place on.
    await new Promise<void>((resolve) => this.#waiting.push(resolve));
  }

  #release(): void {
    const next = this.#waiting.shift();
    if (next !== undefined) {
      next();
      return;
    }
    this.#active--;
    if (this.#active === 0) this.#idle?.();
  }

  #requireOpen(): void {
    if (this.#closed) throw new ObservabilityError('reader_closed', 'The reader of the lake is closed.');
  }

  async #run(sql: string, maxRows: number, started: number, timeoutMs: number): Promise<QueryResponse> {
    this.#requireOpen();
    this.#refreshing = this.#refreshing.catch(() => undefined).then(() => this.#views.refresh(this.#own));
    await this.#refreshing;
    const connection = await this.#instance.connect();
    const deadline = started + timeoutMs;
    // Again and again: DuckDB forgets an interrupt that comes between preparing and running.
    const timer = setInterval(() => {
      if (this.#closed || performance.now() > deadline) connection.interrupt();
    }, 20);
    try {
      const statement = await prepareRead(connection, sql);
      const reader = await statement.streamAndReadUntil(maxRows + 1);
      const rows = reader.getRows().map((row) => row.map(toJson));
      return {
        columns: reader.columnNames().map((name, index) => ({
          name,
          type: reader.columnType(index).toString(),
        })),
        rows: rows.slice(0, maxRows),
        truncated: rows.length > maxRows,
        elapsedMs: Math.round((performance.now() - started) * 1000) / 1000,
      };
    } catch (error) {
      if (performance.now() > deadline) {
        throw new ObservabilityError('query_timeout', `The query took longer than ${timeoutMs} ms.`, {
          cause: error,
        });
      }
      this.#requireOpen();
      throw error instanceof ObservabilityError ? error : badQuery(messageOf(error), error);
    } finally {
      clearInterval(timer);
      connection.closeSync();
    }
  }
}

function checked(name: string, value: number, max: number): number {
  if (Number.isInteger(value) && value >= 1 && value <= max) return value;
  throw badQuery(`${name} must be a whole number from 1 to ${max}, not ${value}.`);
}
