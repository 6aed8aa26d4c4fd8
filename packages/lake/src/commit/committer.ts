import { mkdir, rename, rm, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { ObservabilityError } from '@unhinged/observability-core';
import { TABLE_NAMES, type TableName } from '../schema.js';
import { perTable, type Batch } from './batch.js';
import { makeFolder, sync, walk } from './durable.js';
import { commitName, lastManifest, pruneManifests, writeManifest, type Manifest } from './manifest.js';
import { ParquetWriter, type Compression } from './parquet-writer.js';

/** Places where a commit can be cut off, in order. */
export type CommitStep =
  'rows_staged' | 'staging_synced' | 'committed' | 'file_published' | 'published' | 'cleaned';

export interface CommitterOptions {
  compression: Compression;
  /** Told at every step; a test kills the process here. */
  onStep: (step: CommitStep) => void;
}

/**
 * Makes a batch durable and visible exactly once, whatever cuts it off:
 *
 * 1. Parquet is written to `staging/<n>/` and synced, folders included.
 * 2. `commits/<n>.json` is written. This is the commit.
 * 3. The files are renamed to their places, whose names no other commit uses; the folders are synced, staging is removed.
 *
 * Cut off before 2, staging is thrown away and the rows come again. Cut off after 2, opening the lake does 3 again.
 */
export class Committer {
  readonly #dir: string;
  readonly #writer: ParquetWriter;
  readonly #options: CommitterOptions;
  /** The last commit. */
  last: Manifest;
  /** True while the last commit is durable but not all of its files are in their places. */
  #unpublished = false;

  private constructor(dir: string, writer: ParquetWriter, options: CommitterOptions, last: Manifest) {
    this.#dir = dir;
    this.#writer = writer;
    this.#options = options;
    this.last = last;
  }

  /** Opens the folder and finishes or undoes what a crash left. */
  static async open(dir: string, options: CommitterOptions): Promise<Committer> {
    for (const folder of ['staging', 'commits', ...TABLE_NAMES]) {
      await mkdir(join(dir, folder), { recursive: true });
    }
    const last = (await lastManifest(join(dir, 'commits'))) ?? {
      commit: 0,
      sequence: 0,
      committedAtMs: 0,
      rows: perTable(() => 0),
      totalRows: perTable(() => 0),
      files: [],
    };
    const writer = await ParquetWriter.open({
      temporary: join(dir, 'staging', 'duckdb'),
      compression: options.compression,
    });
    const committer = new Committer(dir, writer, options, last);
    try {
      await committer.#publish();
      await rm(join(dir, 'staging'), { recursive: true, force: true });
      await mkdir(join(dir, 'staging'));
    } catch (error) {
      writer.close();
      throw error;
    }
    return committer;
  }

  /**
   * Resolves with the rows of each table when the batch is durable and visible. After a rejection the batch may be
   * committed again, and it must be the same one or one that continues it: `last.sequence` says whether it counts already.
   */
  async commit(batch: Batch): Promise<Record<TableName, number>> {
    if (this.#unpublished) await this.#publish();
    if (batch.sequence <= this.last.sequence) return this.last.rows;
    const number = this.last.commit + 1;
    const staging = join('staging', commitName(number));
    await rm(join(this.#dir, staging), { recursive: true, force: true });
    const rows = await this.#stage(batch, staging, `part-${commitName(number)}`);
    const files = await this.#syncStaging(staging);
    this.#options.onStep('staging_synced');

    const manifest: Manifest = {
      commit: number,
      sequence: batch.sequence,
      committedAtMs: Date.now(),
      rows,
      totalRows: perTable((table) => this.last.totalRows[table] + rows[table]),
      files,
    };
    await writeManifest(join(this.#dir, 'commits'), manifest);
    this.last = manifest;
    this.#unpublished = true;
    this.#options.onStep('committed');
    await this.#publish();
    return rows;
  }

  close(): void {
    this.#writer.close();
  }

  async #stage(batch: Batch, staging: string, fileName: string): Promise<Record<TableName, number>> {
    const rows = perTable(() => 0);
    if (batch.rows === 0) return rows;
    await mkdir(join(this.#dir, staging), { recursive: true });
    for (const table of TABLE_NAMES) {
      if (batch.count(table) === 0) continue;
      rows[table] = await this.#writer.write(batch, table, join(this.#dir, staging), fileName);
    }
    this.#options.onStep('rows_staged');
    return rows;
  }

  /** DuckDB syncs nothing. Folders count too: a rename needs the entry it starts from. */
  async #syncStaging(staging: string): Promise<Manifest['files']> {
    const root = join(this.#dir, staging);
    const { files, folders } = await walk(root).catch(ignoreMissing);
    const parquet = files.filter((file) => file.endsWith('.parquet'));
    for (const path of [...parquet, ...folders]) await sync(join(root, path));
    if (folders.length > 0) await sync(dirname(root));
    return parquet.map((file) => ({ from: join(staging, file), to: file }));
  }

  /** Brings the files of the last commit to their places. Done twice it does nothing the second time. */
  async #publish(): Promise<void> {
    const { files, commit } = this.last;
    const staging = join(this.#dir, 'staging', commitName(commit));
    if (await exists(staging)) {
      const folders = new Set<string>();
      for (const { from, to } of files) {
        await makeFolder(this.#dir, dirname(to));
        await this.#move(from, to);
        folders.add(dirname(to));
        this.#options.onStep('file_published');
      }
      for (const folder of folders) await sync(join(this.#dir, folder));
      this.#options.onStep('published');
      await rm(staging, { recursive: true, force: true });
    }
    await pruneManifests(join(this.#dir, 'commits'));
    this.#unpublished = false;
    this.#options.onStep('cleaned');
  }

  async #move(from: string, to: string): Promise<void> {
    try {
      await rename(join(this.#dir, from), join(this.#dir, to));
    } catch (cause) {
      if (await exists(join(this.#dir, to))) return;
      if ((cause as NodeJS.ErrnoException).code !== 'ENOENT') throw cause;
      throw new ObservabilityError(
        'lake_corrupt',
        `${from} belongs to commit ${this.last.commit} of ${this.#dir} but is neither there nor at ${to}.`,
        { cause },
      );
    }
  }
}

async function exists(path: string): Promise<boolean> {
  return stat(path).then(
    () => true,
    (error: unknown) => {
      if ((error as NodeJS.ErrnoException).code === 'ENOENT') return false;
      throw error;
    },
  );
}

function ignoreMissing(error: unknown): { files: string[]; folders: string[] } {
  if ((error as NodeJS.ErrnoException).code === 'ENOENT') return { files: [], folders: [] };
  throw error;
}
