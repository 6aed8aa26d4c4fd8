import { crc32 } from 'node:zlib';

import { ObservabilityError } from '@unhinged/observability-core';

/**
 * The journal's bytes on disk; docs/journal-format.md is the same in prose. All integers are little-endian.
 *
 *     segment = header record*
 *     header  = "UNHJRNL1" | version u32 | salt u32 | first sequence u64 | crc32 of the 24 bytes before, u32 | reserved u32
 *     record  = payload length u32 | crc32 u32 | sequence u64, its upper half XOR salt | payload
 *
 * A record's crc32 covers its length, its sequence and its payload, so that a flipped bit anywhere in it is seen. The salt is random:
 * without it, whoever sends us payloads could write records into them, which a reader that looks for the next record behind
 * damage would take for ours.
 */
export const MAGIC = Buffer.from('UNHJRNL1', 'latin1');
export const VERSION = 1;
export const HEADER_BYTES = 32;
export const RECORD_BYTES = 16;
/** The largest payload; a longer length in a file is damage, not a record. */
export const MAX_PAYLOAD_BYTES = 32 * 1024 * 1024;

/** One record as it lies in a buffer. `payload` is a view of that buffer. */
export interface JournalRecord {
  sequence: number;
  payload: Uint8Array;
}

export function encodeHeader(firstSequence: number, salt: number): Buffer {
  const header = Buffer.alloc(HEADER_BYTES);
  MAGIC.copy(header);
  header.writeUInt32LE(VERSION, 8);
  header.writeUInt32LE(salt, 12);
  header.writeBigUInt64LE(BigInt(firstSequence), 16);
  header.writeUInt32LE(crc32(header.subarray(0, 24)), 24);
  return header;
}

/**
 * The salt of a segment; undefined when its header is damaged, which loses nothing: the name of the file tells the first sequence, the
 * first whole record the salt.
 *
 * @throws ObservabilityError `journal_version` when the header is whole and of another version.
 */
export function decodeSalt(path: string, header: Buffer): number | undefined {
  const whole =
    header.length === HEADER_BYTES &&
    header.subarray(0, 8).equals(MAGIC) &&
    header.readUInt32LE(24) === crc32(header.subarray(0, 24));
  if (!whole) return undefined;
  const version = header.readUInt32LE(8);
  if (version === VERSION) return header.readUInt32LE(12);
  throw new ObservabilityError(
    'journal_version',
    `${path} has format version ${version}, this program reads ${VERSION}. Use the program that wrote it.`,
  );
}

/** Writes one record at `offset` and returns the offset behind it. */
export function writeRecord(
  into: Buffer,
  offset: number,
  { sequence, payload }: JournalRecord,
  salt: number,
): number {
  into.writeUInt32LE(payload.length, offset);
  into.writeUInt32LE(sequence >>> 0, offset + 8);
  into.writeUInt32LE((upperHalf(sequence) ^ salt) >>> 0, offset + 12);
  into.set(payload, offset + RECORD_BYTES);
  into.writeUInt32LE(recordCrc(into, offset, payload), offset + 4);
  return offset + RECORD_BYTES + payload.length;
}

const TWO_32 = 0x1_0000_0000;
const upperHalf = (sequence: number): number => Math.floor(sequence / TWO_32);

/** Scratch: what the crc covers in front of the payload, so that it is two calls and no view of the bytes. */
const covered = Buffer.alloc(12);

function recordCrc(bytes: Buffer, offset: number, payload: Uint8Array): number {
  bytes.copy(covered, 0, offset, offset + 4);
  bytes.copy(covered, 4, offset + 8, offset + RECORD_BYTES);
  return crc32(payload, crc32(covered));
}

/** What stands at an offset: a whole record, damage, or the start of something that goes on behind the buffer. */
export type Parsed =
  | { kind: 'record'; record: JournalRecord; end: number; salt: number }
  | { kind: 'bad' }
  | { kind: 'short'; need: number };

const BAD: Parsed = { kind: 'bad' };

export interface Expected {
  /** Lowest and highest sequence that make sense. */
  from: number;
  upTo: number;
  /** Undefined: not known, any will do. */
  salt: number | undefined;
}

/** Reads what stands at `offset`. */
export function parseRecord(bytes: Buffer, offset: number, { from, upTo, salt }: Expected): Parsed {
  if (bytes.length - offset < RECORD_BYTES) return { kind: 'short', need: RECORD_BYTES };
  const length = bytes.readUInt32LE(offset);
  const salted = bytes.readUInt32LE(offset + 12);
  const upper = salt === undefined ? upperHalf(from) : (salted ^ salt) >>> 0;
  const sequence = bytes.readUInt32LE(offset + 8) + upper * TWO_32;
  if (length > MAX_PAYLOAD_BYTES || sequence < from || sequence > upTo) return BAD;
  const end = offset + RECORD_BYTES + length;
  if (end > bytes.length) return { kind: 'short', need: end - offset };
  const payload = bytes.subarray(offset + RECORD_BYTES, end);
  if (bytes.readUInt32LE(offset + 4) !== recordCrc(bytes, offset, payload)) return BAD;
  return { kind: 'record', record: { sequence, payload }, end, salt: (salted ^ upper) >>> 0 };
}

/** The next offset, `offset` or behind it, where the salt says that a record may begin, or where the bytes are too short to tell. */
export function nextCandidate(bytes: Buffer, offset: number, from: number, salt: number | undefined): number {
  const upper = upperHalf(from);
  // Not known, or not the same for all records that may come: look everywhere.
  if (salt === undefined || upperHalf(from + bytes.length) !== upper) return offset;
  const mark = Buffer.alloc(4);
  mark.writeUInt32LE((upper ^ salt) >>> 0);
  const found = bytes.indexOf(mark, offset + RECORD_BYTES - 4);
  return found === -1 ? Math.max(offset, bytes.length - RECORD_BYTES + 1) : found - RECORD_BYTES + 4;
}
