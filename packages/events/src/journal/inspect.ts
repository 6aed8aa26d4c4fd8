import { readdir, stat } from 'node:fs/promises';
import { basename, join } from 'node:path';

import { ObservabilityError } from '@unhinged/observability-core';

import { HEADER_BYTES, type JournalRecord } from './format.js';
import { ownerOf } from './lock.js';
import { readNumber } from './number-file.js';
import { findTail, type Found, inspectSegment, listSegments, scanSegment } from './segment.js';

/** What lies in a journal's folder. */
export interface JournalListing {
  dir: string;
  /** Process that has the journal open; undefined when there is none. */
  owner: number | undefined;
  bytes: number;
  /** Highest sequence of a whole record; 0 when there was never one. */
  last: number;
  /** Oldest first; the last one is written to. */
  segments: SegmentListing[];
  /** Highest sequence that each consumer is done with; undefined when its file is damaged, which counts as 0. */
  cursors: { name: string; position: number | undefined }[];
}

export interface SegmentListing {
  /** File name. */
  name: string;
  /** First sequence that it may hold. */
  first: number;
  bytes: number;
}

/** What reading a whole segment found. */
export interface SegmentReport extends SegmentListing {
  records: number;
  /** Last sequence; undefined when it holds no record. */
  last: number | undefined;
  /** Offsets of damaged places. Each lost what it hit. */
  damage: number[];
  /** False when the header is damaged, which loses nothing. */
  header: boolean;
  /** Bytes at the end of the last segment that are no whole record: a write under way, or cut off by a crash. */
  unfinished: number;
}

/**
 * Segments and cursors of a journal. Like everything here it takes no lock and changes nothing, so that another process may write
 * meanwhile.
 *
 * @throws ObservabilityError `journal_not_found`
 */
export async function listJournal(dir: string): Promise<JournalListing> {
  const segments: SegmentListing[] = [];
  for (const { path, first } of await segmentFiles(dir)) {
    const size = await unlessGone(async () => (await stat(path)).size);
    if (size !== undefined) segments.push({ name: basename(path), first, bytes: size });
  }
  const files = await readdir(join(dir, 'cursors')).catch(() => []);
  const names = files.filter((name) => !name.endsWith('.tmp')).sort();
  return {
    dir,
    owner: await ownerOf(dir),
    bytes: segments.reduce((sum, { bytes }) => sum + bytes, 0),
    last: await lastOf(dir, segments),
    segments,
    cursors: await Promise.all(
      names.map(async (name) => ({ name, position: await readNumber(join(dir, 'cursors', name)) })),
    ),
  };
}

/** An empty segment's name is one above the last record. */
async function lastOf(dir: string, segments: readonly SegmentListing[]): Promise<number> {
  const last = segments.at(-1);
  if (last === undefined) return 0;
  const tail = await unlessGone(() => findTail(join(dir, last.name), last.first));
  return tail?.last ?? last.first - 1;
}

/** Reads every record of a journal and says what is not whole. @throws ObservabilityError `journal_not_found`, `journal_version` */
export async function* verifyJournal(dir: string): AsyncGenerator<SegmentReport> {
  const { segments } = await listJournal(dir);
  for (const segment of segments) {
    const report = await unlessGone(() => verifySegment(dir, segment, segment === segments.at(-1)));
    if (report !== undefined) yield report;
  }
}

async function verifySegment(dir: string, segment: SegmentListing, isLast: boolean): Promise<SegmentReport> {
  const { salt } = await inspectSegment(join(dir, segment.name));
  const damage: number[] = [];
  let records = 0;
  let last: number | undefined;
  let end = HEADER_BYTES;
  for await (const found of scan(dir, segment, salt)) {
    if (found.kind === 'damage') {
      damage.push(found.offset);
    } else {
      records++;
      last = found.record.sequence;
      end = found.end;
    }
  }
  // Where it is written to, what follows the last whole record is no damage.
  const unfinished = isLast ? Math.max(0, segment.bytes - end) : 0;
  if (unfinished > 0) damage.pop();
  return { ...segment, records, last, damage, header: salt !== undefined, unfinished };
}

/** Records of a journal from a sequence on, as far as they are there now. @throws ObservabilityError `journal_not_found`, `journal_version` */
export async function* readJournal(dir: string, from = 1): AsyncGenerator<JournalRecord> {
  const { segments } = await listJournal(dir);
  const begin = segments.findLastIndex(({ first }) => first <= from);
  for (const segment of segments.slice(Math.max(0, begin))) {
    try {
      const { salt } = await inspectSegment(join(dir, segment.name));
      for await (const found of scan(dir, segment, salt)) {
        if (found.kind === 'record' && found.record.sequence >= from) yield found.record;
      }
    } catch (error) {
      if (!isGone(error)) throw error;
    }
  }
}

function scan(
  dir: string,
  { name, first, bytes }: SegmentListing,
  salt: number | undefined,
): AsyncGenerator<Found> {
  const limits = { offset: HEADER_BYTES, end: bytes, from: first, upTo: Number.MAX_SAFE_INTEGER };
  return scanSegment({ path: join(dir, name), salt }, limits);
}

async function segmentFiles(dir: string): Promise<{ path: string; first: number }[]> {
  const files = await listSegments(dir).catch(() => []);
  if (files.length > 0) return files;
  throw new ObservabilityError('journal_not_found', `There is no journal in ${dir}.`);
}

/** A segment may be removed at any time, when every consumer is past it. */
async function unlessGone<T>(work: () => Promise<T>): Promise<T | undefined> {
  try {
    return await work();
  } catch (error) {
    if (isGone(error)) return undefined;
    throw error;
  }
}

const isGone = (error: unknown): boolean => (error as NodeJS.ErrnoException).code === 'ENOENT';
