import { ObservabilityError } from '@unhinged/observability-core';

import { HEADER_BYTES, type JournalRecord } from './format.js';
import { scanSegment, type Segment } from './segment.js';
import type { Segments } from './segments.js';

export interface ReadOptions {
  /** First sequence wanted. */
  from: number;
  /** Default 1,000. */
  maxRecords?: number;
  /** Default 4 MiB; one record is given even when it is larger. */
  maxBytes?: number;
}

/** Where a consumer goes on reading: saves it the scan from the segment's start. */
interface Place {
  segment: Segment;
  offset: number;
}

/** More places than consumers; the oldest is forgotten. */
const PLACES = 32;

/** Reads durable records by sequence. */
export class SegmentReader {
  readonly #segments: Segments;
  readonly #places = new Map<number, Place>();
  /** Damaged places met, each once however often it is read. */
  readonly #damaged = new Set<string>();

  constructor(segments: Segments) {
    this.#segments = segments;
  }

  get corrupt(): number {
    return this.#damaged.size;
  }

  async read({
    from,
    maxRecords = 1_000,
    maxBytes = 4 * 1024 * 1024,
  }: ReadOptions): Promise<JournalRecord[]> {
    const records: JournalRecord[] = [];
    let bytes = 0;
    let next = from;
    for (;;) {
      const segment = this.#segmentOf(next);
      if (segment === undefined) return records;
      // All fixed now: what is appended while we read belongs to the next read.
      const following = this.#segments.all.find(({ first }) => first > segment.first);
      const upTo = following === undefined ? this.#segments.last : following.first - 1;
      const end = segment.bytes;
      const place = this.#places.get(next);
      const known = place?.segment === segment ? place : undefined;
      const limits = {
        offset: known?.offset ?? HEADER_BYTES,
        end,
        from: known ? next : segment.first,
        upTo,
      };
      const wanted = next;
      try {
        for await (const found of scanSegment(segment, limits)) {
          if (found.kind === 'damage') {
            this.#damaged.add(`${segment.first}:${found.offset}`);
            continue;
          }
          if (found.record.sequence < next) continue;
          records.push(found.record);
          bytes += found.record.payload.length;
          next = found.record.sequence + 1;
          const enough = records.length >= maxRecords || bytes >= maxBytes;
          if (enough || found.end === end) this.#remember(wanted, next, { segment, offset: found.end });
          if (enough) return records;
        }
      } catch (error) {
        // Removed under our feet: consumed by everybody, or dropped to make room.
        if ((error as NodeJS.ErrnoException).code !== 'ENOENT') {
          throw new ObservabilityError(
            'journal_read_failed',
            `${segment.path} could not be read: ${String(error)}`,
            { cause: error },
          );
        }
      }
      if (following === undefined) return records;
      next = Math.max(next, following.first);
    }
  }

  /** The segment that holds a sequence, or the first one behind it. */
  #segmentOf(sequence: number): Segment | undefined {
    if (sequence > this.#segments.last) return undefined;
    const { all } = this.#segments;
    return all.findLast(({ first }) => first <= sequence) ?? all[0];
  }

  #remember(before: number, next: number, place: Place): void {
    this.#places.delete(before);
    this.#places.set(next, place);
    const oldest = this.#places.keys().next();
    if (this.#places.size > PLACES && oldest.done !== true) this.#places.delete(oldest.value);
  }
}
