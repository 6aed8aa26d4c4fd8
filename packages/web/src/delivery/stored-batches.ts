import type { Batch } from './batch.js';

/** How much may wait on the user's disk, of all tabs together. */
export interface StoreLimits {
  /** Of bodies as they are stored, as a rule gzipped. */
  maxBytes: number;
  maxBatches: number;
  maxAgeMs: number;
}

export interface StoredBatch extends Batch {
  key: number;
}

/** A row as it is stored. */
type Row = Batch & { atMs: number };

const BATCHES = 'batches';
/** Rows count from 1; below are the sums over all rows, and who sends them where there are no Web Locks. */
const USAGE = 0;
const LEASE = -1;
const LEASE_MS = 30_000;
/** Where there is no database (denied, full, broken), this much waits in memory. */
const MAX_MEMORY_BYTES = 1_048_576;

/** Batches that could not be sent, in IndexedDB: they outlive the page, and any tab of the origin sends them. */
export class StoredBatches {
  readonly #limits: StoreLimits | null;
  readonly #name: string;
  readonly #onExpired: (batch: Batch) => void;
  readonly #memory: StoredBatch[] = [];
  #db: Promise<IDBDatabase | undefined> | undefined;

  /** @param limits Null: nothing on disk. */
  constructor(name: string, limits: StoreLimits | null, onExpired: (batch: Batch) => void) {
    this.#name = name;
    this.#limits = limits;
    this.#onExpired = onExpired;
  }

  /** False when it is full: what waits already tells how it began. */
  async add(batch: Batch): Promise<boolean> {
    try {
      const rows = await this.#rows();
      if (rows && this.#limits) return await this.#put(rows, batch, this.#limits);
    } catch {
      // In memory, then.
    }
    const used = this.#memory.reduce((sum, { bytes }) => sum + bytes.length, batch.bytes.length);
    if (used > MAX_MEMORY_BYTES) return false;
    this.#memory.push({ ...batch, key: -1 });
    return true;
  }

  /** The oldest; those that are too old are gone then. */
  async first(): Promise<StoredBatch | undefined> {
    if (this.#memory[0] || !this.#limits) return this.#memory[0];
    for (;;) {
      const rows = await this.#rows();
      const cursor = rows && (await done(rows.openCursor(IDBKeyRange.lowerBound(1))));
      if (!cursor) return undefined;
      const { atMs, ...batch } = cursor.value as Row;
      const key = cursor.key as number;
      if (Date.now() - atMs <= this.#limits.maxAgeMs) return { ...batch, key };
      await this.remove({ ...batch, key });
      this.#onExpired(batch);
    }
  }

  async remove(batch: StoredBatch): Promise<void> {
    if (this.#memory[0] === batch) {
      this.#memory.shift();
      return;
    }
    const rows = await this.#rows();
    if (!rows) return;
    // Another tab may have been quicker where locks are only leased.
    if ((await done(rows.count(batch.key))) === 0) return;
    rows.delete(batch.key);
    await this.#account(rows, -1, -batch.bytes.length);
  }

  /** Runs the function while no other tab does; undefined when one does. */
  async exclusively<T>(fn: () => Promise<T>): Promise<T | undefined> {
    // Only in secure contexts.
    const locks = navigator.locks as LockManager | undefined;
    if (locks) {
      return locks.request(this.#name, { ifAvailable: true }, (lock) => (lock ? fn() : undefined)) as Promise<
        T | undefined
      >;
    }
    const rows = await this.#rows();
    if (rows) {
      const until = ((await done(rows.get(LEASE))) as number | undefined) ?? 0;
      if (until > Date.now() && until <= Date.now() + LEASE_MS) return undefined;
      rows.put(Date.now() + LEASE_MS, LEASE);
    }
    try {
      return await fn();
    } finally {
      (await this.#rows())?.delete(LEASE);
    }
  }

  async close(): Promise<void> {
    (await this.#db)?.close();
    this.#db = undefined;
  }

  async #put(
    rows: IDBObjectStore,
    batch: Batch,
    { maxBytes, maxBatches }: StoreLimits,
  ): Promise<boolean> {
    const usage = ((await done(rows.get(USAGE))) ?? { batches: 0, bytes: 0 }) as { batches: number; bytes: number };
    if (usage.batches >= maxBatches || usage.bytes + batch.bytes.length > maxBytes) return false;
    await done(rows.add({ ...batch, atMs: Date.now() } satisfies Row));
    await this.#account(rows, 1, batch.bytes.length);
    return true;
  }

  async #account(rows: IDBObjectStore, batches: number, bytes: number): Promise<void> {
    const usage = ((await done(rows.get(USAGE))) ?? { batches: 0, bytes: 0 }) as { batches: number; bytes: number };
    await done(rows.put({ batches: usage.batches + batches, bytes: usage.bytes + bytes }, USAGE));
  }

  /** The rows in a transaction of their own; undefined where there is no database. */
  async #rows(): Promise<IDBObjectStore | undefined> {
    this.#db ??= this.#limits ? open(this.#name) : Promise.resolve(undefined);
    const db = await this.#db;
    try {
      return db?.transaction(BATCHES, 'readwrite', { durability: 'relaxed' }).objectStore(BATCHES);
    } catch {
      // The browser has closed it, or the user has cleared the site's data: opened again the next time.
      this.#db = undefined;
      return undefined;
    }
  }
}

async function open(name: string): Promise<IDBDatabase | undefined> {
  try {
    const request = indexedDB.open(name, 1);
    request.onupgradeneeded = () => request.result.createObjectStore(BATCHES, { autoIncrement: true });
    return await done(request);
  } catch {
    return undefined;
  }
}

const done = <T>(request: IDBRequest<T>): Promise<T> =>
  new Promise((resolve, reject) => {
    request.onsuccess = () => {
      resolve(request.result);
    };
    request.onerror = () => {
      reject(request.error ?? new Error('IndexedDB'));
    };
  });
