import { open, type FileHandle, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { setImmediate as nextTurn } from 'node:timers/promises';

import {
  decodeSalt,
  HEADER_BYTES,
  type JournalRecord,
  nextCandidate,
  parseRecord,
  RECORD_BYTES,
} from './format.js';

const CHUNK_BYTES = 1024 * 1024;
/** Places of damage that are looked at in one turn of the event loop, a few milliseconds. */
const TURN_STEPS = 64 * 1024;
const SUFFIX = '.journal';

/** One file of the journal. Its records are numbered from `first` on without a gap. */
export interface Segment {
  readonly path: string;
  readonly first: number;
  /** Undefined when the header is damaged. */
  readonly salt: number | undefined;
  /** Bytes that hold whole, durable records; reading stops there. */
  bytes: number;
  /** Its last record, where we know it: we wrote it, or recovery read it. */
  last?: number;
}

export const segmentPath = (dir: string, first: number): string =>
  join(dir, first.toString().padStart(20, '0') + SUFFIX);

/** The segments of a folder, oldest first, without looking into them. */
export async function listSegments(dir: string): Promise<{ path: string; first: number }[]> {
  const names = (await readdir(dir)).filter((name) => /^\d{20}\.journal$/.test(name)).sort();
  return names.map((name) => ({ path: join(dir, name), first: Number(name.slice(0, -SUFFIX.length)) }));
}

export interface ScanLimits {
  /** Where to start: a record's offset. */
  offset: number;
  /** Bytes of the file that may be read. */
  end: number;
  /** Sequence of the record at `offset`. */
  from: number;
  /** Sequences above cannot be there. */
  upTo: number;
}

/** What a scan meets, in the order of the file. */
export type Found =
  { kind: 'record'; record: JournalRecord; offset: number; end: number } | { kind: 'damage'; offset: number };

/**
 * Reads a segment record by record. Behind damage it looks for the next offset where a whole record with a right checksum
 * and a possible sequence begins: only what was hit is lost.
 */
export async function* scanSegment(
  segment: Pick<Segment, 'path' | 'salt'>,
  limits: ScanLimits,
): AsyncGenerator<Found> {
  const file = await open(segment.path, 'r');
  try {
    let { offset, from } = limits;
    let { salt } = segment;
    let chunk: Buffer = Buffer.alloc(0);
    let base = offset;
    let damagedAt: number | undefined;
    let steps = 0;
    while (offset < limits.end) {
      // More records cannot have been lost than fit into the damage.
      const lost = Math.floor((offset - (damagedAt ?? offset)) / RECORD_BYTES);
      const parsed = parseRecord(chunk, offset - base, {
        from,
        upTo: Math.min(limits.upTo, from + lost),
        salt,
      });
      if (parsed.kind === 'record') {
        if (damagedAt !== undefined) yield { kind: 'damage', offset: damagedAt };
        damagedAt = undefined;
        ({ salt } = parsed);
        from = parsed.record.sequence + 1;
        const end = base + parsed.end;
        yield { kind: 'record', record: parsed.record, offset, end };
        offset = end;
      } else if (parsed.kind === 'short' && offset + parsed.need <= limits.end) {
        base = offset;
        chunk = await readAt(file, offset, Math.min(Math.max(CHUNK_BYTES, parsed.need), limits.end - offset));
        // The file is shorter than it should be: somebody cut it.
        if (chunk.length < parsed.need) break;
      } else {
        damagedAt ??= offset;
        offset = base + nextCandidate(chunk, offset - base + 1, from, salt);
        // Without a salt it is byte by byte: others get their turn.
        if (++steps % TURN_STEPS === 0) await nextTurn();
      }
    }
    if (damagedAt !== undefined || offset < limits.end) yield { kind: 'damage', offset: damagedAt ?? offset };
  } finally {
    await file.close();
  }
}

async function readAt(file: FileHandle, offset: number, length: number): Promise<Buffer> {
  const buffer = Buffer.allocUnsafeSlow(length);
  let filled = 0;
  while (filled < length) {
    const { bytesRead } = await file.read(buffer, filled, length - filled, offset + filled);
    if (bytesRead === 0) break;
    filled += bytesRead;
  }
  return buffer.subarray(0, filled);
}

/** What a segment's file says before its records are looked at. @throws ObservabilityError `journal_version`. */
export async function inspectSegment(path: string): Promise<{ size: number; salt: number | undefined }> {
  const file = await open(path, 'r');
  try {
    const { size } = await file.stat();
    return { size, salt: decodeSalt(path, await readAt(file, 0, HEADER_BYTES)) };
  } finally {
    await file.close();
  }
}

/** A segment and its end, as recovery finds them. */
export interface Tail {
  salt: number | undefined;
  /** Highest sequence of a whole record; `first - 1` when there is none. */
  last: number;
  /** End of the last whole record. */
  end: number;
  /** Bytes of the file: more than `end` when a write was cut off. */
  size: number;
}

/** Scans a segment to its end. @throws ObservabilityError `journal_version` when a newer program wrote it. */
export async function findTail(path: string, first: number): Promise<Tail> {
  const { size, salt } = await inspectSegment(path);
  const tail: Tail = { salt, last: first - 1, end: Math.min(size, HEADER_BYTES), size };
  const limits = { offset: HEADER_BYTES, end: size, from: first, upTo: Number.MAX_SAFE_INTEGER };
  for await (const found of scanSegment({ path, salt }, limits)) {
    if (found.kind === 'damage') continue;
    tail.last = found.record.sequence;
    tail.end = found.end;
  }
  return tail;
}
