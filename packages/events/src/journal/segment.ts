import { open, type FileHandle, readdir } from 'node:fs/promises';
import { join } from 'node:path';

import { checkVersion, HEADER_BYTES, type JournalRecord, parseRecord } from './format.js';

const CHUNK_BYTES = 1024 * 1024;
const SUFFIX = '.journal';

/** One file of the journal. Sequences of its records are at least `first` and below the next segment's. */
export interface Segment {
  readonly path: string;
  readonly first: number;
  /** Bytes that hold whole, durable records; reading stops there. */
  bytes: number;
}

export const segmentPath = (dir: string, first: number): string =>
  join(dir, first.toString().padStart(20, '0') + SUFFIX);

/** The segments of a folder, oldest first, without looking into them. */
export async function listSegments(dir: string): Promise<{ path: string; first: number }[]> {
  const names = (await readdir(dir)).filter((name) => /^\d{20}\.journal$/.test(name)).sort();
  return names.map((name) => ({ path: join(dir, name), first: Number(name.slice(0, -SUFFIX.length)) }));
}

/** Makes a name in a folder durable. */
export async function syncFolder(dir: string): Promise<void> {
  const handle = await open(dir, 'r');
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}

export interface ScanLimits {
  /** Where to start: a record's offset. */
  offset: number;
  /** Bytes of the file that may be read. */
  end: number;
  /** Sequences at or below are not wanted by the order of the file: damage. */
  after: number;
  /** Sequences above cannot be there. */
  upTo: number;
}

/** What a scan meets, in the order of the file. */
export type Found =
  { kind: 'record'; record: JournalRecord; offset: number; end: number } | { kind: 'damage'; offset: number };

/**
 * Reads a segment record by record. Behind damage it looks for the next offset where a whole record with a right checksum
 * and a later sequence begins: only what was hit is lost.
 */
export async function* scanSegment(path: string, limits: ScanLimits): AsyncGenerator<Found> {
  const file = await open(path, 'r');
  try {
    let { offset, after } = limits;
    let chunk: Buffer = Buffer.alloc(0);
    let base = offset;
    let damagedAt: number | undefined;
    while (offset < limits.end) {
      const parsed = parseRecord(chunk, offset - base, after, limits.upTo);
      if (parsed.kind === 'record') {
        if (damagedAt !== undefined) yield { kind: 'damage', offset: damagedAt };
        damagedAt = undefined;
        after = parsed.record.sequence;
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
        offset++;
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

/** The end of a segment, as recovery finds it. */
export interface Tail {
  /** Highest sequence of a whole record; `first - 1` when there is none. */
  last: number;
  /** End of the last whole record; 0 when not even the header is whole. */
  end: number;
  /** Bytes of the file: more than `end` when a write was cut off. */
  size: number;
}

/** Scans a segment to its end. @throws ObservabilityError `journal_version` when a newer program wrote it. */
export async function findTail(path: string, first: number): Promise<Tail> {
  const file = await open(path, 'r');
  let size: number;
  try {
    ({ size } = await file.stat());
    checkVersion(path, await readAt(file, 0, HEADER_BYTES));
  } finally {
    await file.close();
  }
  const tail: Tail = { last: first - 1, end: size < HEADER_BYTES ? 0 : HEADER_BYTES, size };
  const limits = { offset: HEADER_BYTES, end: size, after: first - 1, upTo: Number.MAX_SAFE_INTEGER };
  for await (const found of scanSegment(path, limits)) {
    if (found.kind === 'damage') continue;
    tail.last = found.record.sequence;
    tail.end = found.end;
  }
  return tail;
}
