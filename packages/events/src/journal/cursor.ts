import { mkdir, open, readdir, readFile, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { crc32 } from 'node:zlib';

import { ObservabilityError } from '@unhinged/observability-core';

import { syncFolder } from './segment.js';

const NAME = /^[a-z0-9][a-z0-9._-]{0,63}$/;

/** How far one consumer has come. */
export interface JournalCursor {
  readonly name: string;
  /** Highest sequence that the consumer is done with; 0 at first. */
  readonly position: number;
  /** Durable when resolved. Never moves back: a lower position is ignored. */
  commit(position: number): Promise<void>;
}

/** The cursors of a journal: a file each, replaced as a whole. */
export class Cursors {
  readonly #dir: string;
  readonly #positions = new Map<string, number>();
  /** The last commit of each cursor: the next waits for it, since both write the same file. */
  readonly #writing = new Map<string, Promise<void>>();
  readonly #onCommit: () => void;

  private constructor(dir: string, onCommit: () => void) {
    this.#dir = dir;
    this.#onCommit = onCommit;
  }

  /** A cursor file that does not match its checksum starts again from 0: reading twice is allowed, skipping is not. */
  static async open(journalDir: string, onCommit: () => void): Promise<Cursors> {
    const cursors = new Cursors(join(journalDir, 'cursors'), onCommit);
    await mkdir(cursors.#dir, { recursive: true });
    for (const name of await readdir(cursors.#dir)) {
      if (!NAME.test(name) || name.endsWith('.tmp')) continue;
      cursors.#positions.set(name, parse(await readFile(join(cursors.#dir, name), 'utf8')));
    }
    return cursors;
  }

  get names(): string[] {
    return [...this.#positions.keys()];
  }

  /** What every consumer is done with; undefined while there is no consumer. */
  get lowest(): number | undefined {
    return this.#positions.size === 0 ? undefined : Math.min(...this.#positions.values());
  }

  get highest(): number {
    return Math.max(0, ...this.#positions.values());
  }

  position(name: string): number {
    return this.#positions.get(name) ?? 0;
  }

  /** Registers a consumer; from now on it holds what it has not read. */
  cursor(name: string): JournalCursor {
    if (!NAME.test(name)) {
      throw new ObservabilityError(
        'bad_option',
        `Cursor name "${name}": expected lowercase letters, digits, "." "_" "-".`,
      );
    }
    if (!this.#positions.has(name)) this.#positions.set(name, 0);
    const position = (): number => this.position(name);
    return {
      name,
      get position() {
        return position();
      },
      commit: (to) => this.#commit(name, to),
    };
  }

  async drop(name: string): Promise<void> {
    this.#positions.delete(name);
    await this.#writing.get(name)?.catch(() => undefined);
    this.#writing.delete(name);
    await rm(join(this.#dir, name), { force: true });
    this.#onCommit();
  }

  #commit(name: string, to: number): Promise<void> {
    const previous = this.#writing.get(name) ?? Promise.resolve();
    const written = previous
      .catch(() => undefined)
      .then(async () => {
        if (to <= this.position(name) || !this.#positions.has(name)) return;
        await this.#write(name, to);
        this.#positions.set(name, to);
        this.#onCommit();
      });
    this.#writing.set(name, written);
    return written;
  }

  async #write(name: string, position: number): Promise<void> {
    const path = join(this.#dir, name);
    const file = await open(`${path}.tmp`, 'w');
    try {
      await file.writeFile(format(position));
      await file.sync();
    } finally {
      await file.close();
    }
    await rename(`${path}.tmp`, path);
    await syncFolder(this.#dir);
  }
}

const checksum = (position: string): string => crc32(position).toString(16).padStart(8, '0');

const format = (position: number): string => `${position} ${checksum(position.toString())}\n`;

function parse(text: string): number {
  const [, position = '', sum] = /^(\d{1,16}) ([0-9a-f]{8})\n$/.exec(text) ?? [];
  return sum !== undefined && sum === checksum(position) ? Number(position) : 0;
}
