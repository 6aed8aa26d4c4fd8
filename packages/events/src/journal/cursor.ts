import { readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';

import { ObservabilityError } from '@unhinged/observability-core';

import { makeFolder } from './folder.js';
import { readNumber, writeNumber } from './number-file.js';
import type { Reserve } from './reserve.js';

const NAME = /^[a-z0-9][a-z0-9._-]{0,63}$/;

/** How far one consumer has come. */
export interface JournalCursor {
  readonly name: string;
  /** Highest sequence that the consumer is done with; 0 at first. */
  readonly position: number;
  /** Durable when resolved. Never moves back: a lower position is ignored. */
  commit(position: number): Promise<void>;
}

interface CursorHooks {
  /** Highest durable sequence: no cursor can be past it. */
  last: () => number;
  /** A cursor moved or went. */
  onCommit: () => void;
}

/** The cursors of a journal: a file each, replaced as a whole. */
export class Cursors {
  readonly #dir: string;
  readonly #reserve: Reserve;
  readonly #positions = new Map<string, number>();
  /** The last commit of each cursor: the next waits for it, since both write the same file. */
  readonly #writing = new Map<string, Promise<void>>();
  #hooks: CursorHooks = { last: () => 0, onCommit: () => undefined };
  #closed = false;

  private constructor(dir: string, reserve: Reserve) {
    this.#dir = dir;
    this.#reserve = reserve;
  }

  /** A cursor file that does not match its checksum starts again from 0: reading twice is allowed, skipping is not. */
  static async open(journalDir: string, reserve: Reserve): Promise<Cursors> {
    const cursors = new Cursors(join(journalDir, 'cursors'), reserve);
    await makeFolder(cursors.#dir);
    for (const name of await readdir(cursors.#dir)) {
      if (!NAME.test(name) || name.endsWith('.tmp')) continue;
      cursors.#positions.set(name, (await readNumber(join(cursors.#dir, name))) ?? 0);
    }
    return cursors;
  }

  /** Recovery needs the positions before there is a log to move in: no commit before this. */
  attach(hooks: CursorHooks): void {
    this.#hooks = hooks;
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
    this.#hooks.onCommit();
  }

  /** Waits for what is being written; refuses what comes later, when the folder may have another owner. */
  async close(): Promise<void> {
    this.#closed = true;
    await Promise.allSettled(this.#writing.values());
  }

  async #commit(name: string, to: number): Promise<void> {
    if (this.#closed) throw new ObservabilityError('journal_closed', 'The journal is closed.');
    if (!Number.isSafeInteger(to) || to < 0 || to > this.#hooks.last()) {
      throw new ObservabilityError(
        'bad_option',
        `Cursor "${name}": expected a sequence up to ${this.#hooks.last()}, got ${to}.`,
      );
    }
    const previous = this.#writing.get(name) ?? Promise.resolve();
    const written = previous.catch(() => undefined).then(() => this.#move(name, to));
    this.#writing.set(name, written);
    return written;
  }

  async #move(name: string, to: number): Promise<void> {
    if (!this.#positions.has(name) || to <= this.position(name)) return;
    try {
      await this.#reserve.use(() => writeNumber(join(this.#dir, name), to));
    } catch (cause) {
      throw new ObservabilityError(
        'journal_write_failed',
        `Cursor "${name}" could not be written: ${String(cause)}`,
        { cause },
      );
    }
    // Dropped while it was written?
    if (!this.#positions.has(name)) return;
    this.#positions.set(name, to);
    this.#hooks.onCommit();
  }
}
