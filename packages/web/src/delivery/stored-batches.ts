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

interface Usage {
  batches: number;
  bytes: number;
}

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
  #opening: Promise<IDBDatabase | undefined> | undefined;
  #db: IDBDatabase | undefined;
  /** As this tab saw it last. */
  #usage: Usage = { batches: 0, bytes: 0 };

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
      if (rows) {
        this.#usage = ((await done(rows.get(USAGE))) as Usage | undefined) ?? { batches: 0, bytes: 0 };
        return this.#put(rows, batch);
      }
    } catch {
      // In memory, then.
    }
    const used = this.#memory.reduce((sum, { bytes }) => sum + bytes.length, batch.bytes.length);
    if (used > MAX_MEMORY_BYTES) return false;
    this.#memory.push({ ...batch, key: -1 });
    return true;
  }

  /**
   * The same for a page that is left: everything is said to the browser when this returns, so nothing is read. The sums may then be a
   * little wrong, until the queue is empty. Undefined where that cannot be done.
   */
  addNow(batch: Batch): boolean | undefined {
    try {
      const rows = this.#db && rowsOf(this.#db);
      const isIn = rows && this.#put(rows, batch);
      rows?.transaction.commit();
      return isIn;
    } catch {
      return undefined;
    }
  }

  /** The oldest; those that are too old are gone then. */
  async first(): Promise<StoredBatch | undefined> {
    if (this.#memory[0] || !this.#limits) return this.#memory[0];
    for (;;) {
      const rows = await this.#rows();
      const cursor = rows && (await done(rows.openCursor(IDBKeyRange.lowerBound(1))));
      if (!cursor) {
        rows?.delete(USAGE);
        return undefined;
      }
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
    const usage = (await done(rows.get(USAGE))) as Usage | undefined;
    this.#account(rows, usage ?? this.#usage, -1, -batch.bytes.length);
  }

  /** Runs the function while no other tab does; undefined when one does, and when the disk fails. */
  async exclusively<T>(fn: () => Promise<T>): Promise<T | undefined> {
    try {
      const rows = await this.#rows();
      // Nobody else sees this tab's memory, and where storage is denied locks are as well.
      if (!rows) return await fn();
      // Only in secure contexts.
      const locks = navigator.locks as LockManager | undefined;
      if (locks) {
        return await locks.request(this.#name, { ifAvailable: true }, (lock) => (lock ? fn() : undefined));
      }
      const until = ((await done(rows.get(LEASE))) as number | undefined) ?? 0;
      // One that ends much later is of a clock that has been set back; two tabs may differ a little.
      if (until > Date.now() && until <= Date.now() + 2 * LEASE_MS) return undefined;
      rows.put(Date.now() + LEASE_MS, LEASE);
      try {
        return await fn();
      } finally {
        (await this.#rows())?.delete(LEASE);
      }
    } catch {
      // Looked at again later.
      return undefined;
    }
  }

  async close(): Promise<void> {
    (await this.#opening)?.close();
    this.#opening = this.#db = undefined;
  }

  #put(rows: IDBObjectStore, batch: Batch): boolean {
    const { maxBytes, maxBatches } = this.#limits ?? { maxBytes: 0, maxBatches: 0 };
    const { batches, bytes } = this.#usage;
    if (batches >= maxBatches || bytes + batch.bytes.length > maxBytes) return false;
    rows.add({ ...batch, atMs: Date.now() } satisfies Row);
    this.#account(rows, this.#usage, 1, batch.bytes.length);
    return true;
  }

  #account(rows: IDBObjectStore, usage: Usage, batches: number, bytes: number): void {
    this.#usage = {
      batches: Math.max(0, usage.batches + batches),
      bytes: Math.max(0, usage.bytes + bytes),
    };
    rows.put(this.#usage, USAGE);
  }

  /** The rows in a transaction of their own; undefined where there is no database. */
  async #rows(): Promise<IDBObjectStore | undefined> {
    this.#opening ??= this.#limits ? open(this.#name) : Promise.resolve(undefined);
    this.#db = await this.#opening;
    try {
      return this.#db && rowsOf(this.#db);
    } catch {
      // The browser has closed it, or the user has cleared the site's data: opened again the next time.
      this.#opening = this.#db = undefined;
      return undefined;
    }
  }
}

const rowsOf = (db: IDBDatabase): IDBObjectStore =>
  db.transaction(BATCHES, 'readwrite', { durability: 'relaxed' }).objectStore(BATCHES);

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
