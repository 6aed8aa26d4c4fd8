import { randomInt } from 'node:crypto';
import { type FileHandle, open, rm } from 'node:fs/promises';

import { syncFolder } from './folder.js';
import { encodeHeader, HEADER_BYTES } from './format.js';
import { HighWater } from './high-water.js';
import type { Reserve } from './reserve.js';
import { findTail, inspectSegment, listSegments, type Segment, segmentPath } from './segment.js';

/**
 * The segments of one journal, oldest first; the last one is written to. It is always there, so that the next sequence is known
 * even when everything was consumed.
 */
export class Segments {
  readonly #dir: string;
  readonly #highWater: HighWater;
  readonly #reserve: Reserve;
  readonly #list: Segment[] = [];
  #file: FileHandle | undefined;
  #total = 0;
  #salt = 0;
  /** Highest sequence that is durable, or that a consumer is past. */
  last = 0;
  /** Highest sequence that may have been given out; above `last` when its record was never finished, or is lost. */
  #given = 0;
  /** 1 when a write that never finished was cut off at `open`. */
  torn = 0;

  private constructor(dir: string, highWater: HighWater, reserve: Reserve) {
    this.#dir = dir;
    this.#reserve = reserve;
    this.#highWater = highWater;
  }

  /** @param consumed Highest cursor. */
  static async open(dir: string, consumed: number, reserve: Reserve): Promise<Segments> {
    const segments = new Segments(dir, await HighWater.open(dir), reserve);
    const names = await listSegments(dir);
    for (const { path, first } of names.slice(0, -1)) {
      const { size, salt } = await inspectSegment(path);
      segments.#add({ path, first, salt, bytes: size });
    }
    const last = names.at(-1);
    if (last === undefined) {
      segments.last = consumed;
      segments.#given = Math.max(consumed, segments.#highWater.upTo);
      await reserve.use(() => segments.#begin());
    } else {
      await segments.#resume(last, consumed);
    }
    return segments;
  }

  /** Of the active segment. */
  get salt(): number {
    return this.#salt;
  }

  get bytes(): number {
    return this.#total;
  }

  get all(): readonly Segment[] {
    return this.#list;
  }

  get active(): Segment {
    const active = this.#list.at(-1);
    if (active === undefined) throw new Error('a journal always has a segment');
    return active;
  }

  /** The sequence that the next record gets. */
  get next(): number {
    return this.#given + 1;
  }

  /** Writes whole records behind the last one and makes them durable; on failure the file is as before. */
  async write(bytes: Buffer, last: number): Promise<void> {
    const { active } = this;
    const file = this.#file;
    if (file === undefined) throw new Error('the journal is closed');
    await this.#reserve.refill();
    await this.#highWater.reserve(last);
    try {
      let written = 0;
      while (written < bytes.length) {
        const { bytesWritten } = await file.write(
          bytes,
          written,
          bytes.length - written,
          active.bytes + written,
        );
        written += bytesWritten;
      }
      await file.datasync();
    } catch (error) {
      // Half-written bytes would be read as damage; a truncate frees space, so it works on a full disk too.
      await file.truncate(active.bytes).catch(() => undefined);
      throw error;
    }
    active.bytes += bytes.length;
    this.#total += bytes.length;
    active.last = last;
    this.last = last;
    this.#given = last;
  }

  /** Closes the active segment and begins the next; with `reserve`, when the old one will make room, in the reserve. */
  async roll({ reserve = false } = {}): Promise<void> {
    const previous = this.#file;
    await (reserve ? this.#reserve.use(() => this.#begin()) : this.#begin());
    await previous?.close();
  }

  /** Removes a segment; the active one stays. */
  async remove(segment: Segment): Promise<void> {
    await rm(segment.path, { force: true });
    this.#list.splice(this.#list.indexOf(segment), 1);
    this.#total -= segment.bytes;
    await this.#reserve.refill().catch(() => undefined);
  }

  /** Last record of a closed segment, read from the file if need be. */
  async findLast(segment: Segment): Promise<number> {
    segment.last ??= (await findTail(segment.path, segment.first)).last;
    return segment.last;
  }

  /** Last sequence that a segment can hold. */
  lastOf(segment: Segment): number {
    const next = this.#list[this.#list.indexOf(segment) + 1];
    return segment.last ?? (next === undefined ? this.last : next.first - 1);
  }

  async close(): Promise<void> {
    await this.#file?.close();
    this.#file = undefined;
    // When it cannot be written there is a gap, and no more than that.
    await this.#highWater.release(this.#given).catch(() => undefined);
  }

  #add(segment: Segment): void {
    this.#list.push(segment);
    this.#total += segment.bytes;
  }

  async #resume({ path, first }: { path: string; first: number }, consumed: number): Promise<void> {
    const { salt, last, end, size } = await findTail(path, first);
    this.torn = size > end ? 1 : 0;
    // An empty segment's name is not a record's number: consumers would wait for it.
    const previous = this.#list.at(-1);
    const lastRecord = last >= first ? last : previous ? await this.findLast(previous) : 0;
    this.last = Math.max(lastRecord, consumed);
    this.#given = Math.max(this.last, last, this.#highWater.upTo);
    if (last < first) {
      // Holds nothing. Perhaps it was cut off while it was being made: it is made anew.
      await this.#reserve.use(() => this.#begin());
      if (this.active.path !== path) await rm(path);
      return;
    }
    this.#add({ path, first, salt, bytes: end, last });
    const file = await open(path, 'r+');
    // Numbers that are skipped begin a new segment: its name keeps them from being given out after yet another restart.
    const goesOn = this.#given === last && salt !== undefined;
    if (!goesOn) await this.#reserve.use(() => this.#begin());
    if (size > end) await file.truncate(end);
    // What the last owner wrote may be whole and yet not be on disk.
    await file.datasync();
    if (goesOn) {
      this.#file = file;
      this.#salt = salt;
    } else {
      await file.close();
    }
  }

  async #begin(): Promise<void> {
    const first = this.next;
    const path = segmentPath(this.#dir, first);
    const salt = randomInt(2 ** 32);
    const file = await open(path, 'w+');
    try {
      await file.write(encodeHeader(first, salt), 0, HEADER_BYTES, 0);
      await file.sync();
      await syncFolder(this.#dir);
    } catch (error) {
      await file.close();
      await rm(path, { force: true });
      throw error;
    }
    this.#file = file;
    this.#salt = salt;
    this.#add({ path, first, salt, bytes: HEADER_BYTES });
  }
}
