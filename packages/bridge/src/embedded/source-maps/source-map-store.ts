import { mkdir, readdir, readFile, rename, rm, stat, utimes, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { gunzip, gzip } from 'node:zlib';
import { TraceMap, type EncodedSourceMap } from '@jridgewell/trace-mapping';
import { ObservabilityError } from '@unhinged/observability-core';

const MIB = 1024 * 1024;
const DAY_MS = 86_400_000;
const NAME = /^([0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12})\.map\.gz$/;

export interface SourceMapLimits {
  /** Bytes of one map, unpacked and without its sources. Default 32 MiB. */
  mapBytes: number;
  /** Bytes of all maps on disk; the oldest go first. Default 512 MiB. */
  totalBytes: number;
  /** Default 5,000. */
  maps: number;
  /** Maps that were not uploaded again for this long go. Default 180 days. */
  ageMs: number;
}

const DEFAULTS: SourceMapLimits = {
  mapBytes: 32 * MIB,
  totalBytes: 512 * MIB,
  maps: 5_000,
  ageMs: 180 * DAY_MS,
};
/** Text of the maps that are held ready to be asked; the least recently used go first. */
const READY_BYTES = 64 * MIB;

const pack = promisify(gzip);
const unpack = promisify(gunzip);

/** A debug id as it names a file: a UUID in lower case; undefined for anything else, so that no path can be made of it. */
export function debugIdOf(text: string): string | undefined {
  const id = text.toLowerCase();
  return NAME.test(`${id}.map.gz`) ? id : undefined;
}

/** Source maps by debug id, a file each, bounded in size, number and age. Sources themselves are not kept. */
export class SourceMapStore {
  readonly #dir: string;
  readonly #limits: SourceMapLimits;
  readonly #now: () => number;
  /** Oldest first. */
  readonly #files = new Map<string, { bytes: number; storedMs: number }>();
  #bytes = 0;
  readonly #evicted = { age: 0, room: 0 };
  /** Least recently used first. */
  readonly #ready = new Map<string, { map: TraceMap; bytes: number }>();
  #readyBytes = 0;
  #last: Promise<unknown> = Promise.resolve();

  private constructor(dir: string, limits: SourceMapLimits, now: () => number) {
    this.#dir = dir;
    this.#limits = limits;
    this.#now = now;
  }

  /** Opens the folder, which is made when the first map comes. */
  static async open(
    dir: string,
    { limits = {}, now = Date.now }: { limits?: Partial<SourceMapLimits>; now?: () => number } = {},
  ): Promise<SourceMapStore> {
    const store = new SourceMapStore(dir, { ...DEFAULTS, ...limits }, now);
    await store.#load();
    return store;
  }

  get limits(): Readonly<SourceMapLimits> {
    return this.#limits;
  }

  /** `evicted` counts since the start, by the limit that was reached. */
  stats(): { maps: number; bytes: number; evicted: { age: number; room: number } } {
    return { maps: this.#files.size, bytes: this.#bytes, evicted: { ...this.#evicted } };
  }

  /**
   * Stores a map, in place of one with the same id.
   *
   * @param id As {@link debugIdOf} gives it.
   * @param text The map as JSON.
   * @throws ObservabilityError `bad_source_map` saying what is wrong with it.
   */
  put(id: string, text: string): Promise<void> {
    const slim = JSON.stringify(checked(id, text));
    const done = this.#last.then(() => this.#store(id, slim));
    // One after another: two at once would both find room.
    this.#last = done.catch(() => undefined);
    return done;
  }

  /** The map, ready to be asked; undefined when there is none or its file cannot be read. */
  async get(id: string): Promise<TraceMap | undefined> {
    const ready = this.#ready.get(id);
    if (ready) {
      this.#ready.delete(id);
      this.#ready.set(id, ready);
      return ready.map;
    }
    if (!this.#files.has(id)) return undefined;
    try {
      const text = (await unpack(await readFile(this.#path(id)))).toString('utf8');
      const map = new TraceMap(JSON.parse(text) as EncodedSourceMap);
      this.#makeReady(id, map, text.length);
      return map;
    } catch {
      return undefined;
    }
  }

  async #load(): Promise<void> {
    const names = await readdir(this.#dir).catch(() => []);
    const found: [string, { bytes: number; storedMs: number }][] = [];
    for (const name of names) {
      const id = NAME.exec(name)?.[1];
      if (id === undefined) continue;
      const { size, mtimeMs } = await stat(join(this.#dir, name));
      found.push([id, { bytes: size, storedMs: mtimeMs }]);
    }
    for (const [id, file] of found.sort(([, a], [, b]) => a.storedMs - b.storedMs)) {
      this.#files.set(id, file);
      this.#bytes += file.bytes;
    }
    await this.#makeRoom();
  }

  async #store(id: string, text: string): Promise<void> {
    await mkdir(this.#dir, { recursive: true });
    const packed = await pack(text);
    const path = this.#path(id);
    // Whole or not at all.
    await writeFile(`${path}.new`, packed);
    await utimes(`${path}.new`, this.#now() / 1_000, this.#now() / 1_000);
    await rename(`${path}.new`, path);
    this.#forget(id);
    this.#files.set(id, { bytes: packed.length, storedMs: this.#now() });
    this.#bytes += packed.length;
    await this.#makeRoom();
  }

  async #makeRoom(): Promise<void> {
    const oldest = this.#now() - this.#limits.ageMs;
    for (const [id, { storedMs }] of [...this.#files]) {
      const fits = this.#bytes <= this.#limits.totalBytes && this.#files.size <= this.#limits.maps;
      if (fits && storedMs >= oldest) return;
      this.#evicted[storedMs < oldest ? 'age' : 'room']++;
      this.#forget(id);
      await rm(this.#path(id), { force: true });
    }
  }

  #forget(id: string): void {
    this.#bytes -= this.#files.get(id)?.bytes ?? 0;
    this.#files.delete(id);
    this.#readyBytes -= this.#ready.get(id)?.bytes ?? 0;
    this.#ready.delete(id);
  }

  #makeReady(id: string, map: TraceMap, bytes: number): void {
    this.#ready.set(id, { map, bytes });
    this.#readyBytes += bytes;
    for (const [oldest, { bytes: freed }] of this.#ready) {
      // The newest stays, however large.
      if (this.#readyBytes <= READY_BYTES || oldest === id) return;
      this.#ready.delete(oldest);
      this.#readyBytes -= freed;
    }
  }

  #path(id: string): string {
    return join(this.#dir, `${id}.map.gz`);
  }
}

/** The parts of a map that a stack needs. @throws ObservabilityError `bad_source_map`. */
function checked(id: string, text: string): Record<string, unknown> {
  let map: Record<string, unknown>;
  try {
    map = JSON.parse(text) as Record<string, unknown>;
  } catch (cause) {
    throw bad(`it is not JSON: ${cause instanceof Error ? cause.message : String(cause)}`);
  }
  const { version, sources, names, mappings, sourceRoot, debugId = map['debug_id'] } = map;
  if (version !== 3) throw bad(`expected version 3, got ${JSON.stringify(version)}`);
  if (typeof mappings !== 'string') throw bad('its mappings are missing; a map in sections is not supported');
  if (!isTexts(sources)) throw bad('expected sources to be a list of names');
  if (names !== undefined && !isTexts(names)) throw bad('expected names to be a list of names');
  if (typeof debugId === 'string' && debugIdOf(debugId) !== id) throw bad(`its debugId is ${debugId}`);
  const root = typeof sourceRoot === 'string' && sourceRoot !== '' ? { sourceRoot } : {};
  return { version, sources, names: names ?? [], mappings, ...root };
}

const isTexts = (value: unknown): value is (string | null)[] =>
  Array.isArray(value) && value.every((item) => item === null || typeof item === 'string');

const bad = (what: string) =>
  new ObservabilityError('bad_source_map', `This source map cannot be used: ${what}.`);
