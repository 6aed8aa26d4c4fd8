import { crc32 } from 'node:zlib';

import { ObservabilityError } from '@unhinged/observability-core';

/**
 * The journal's bytes on disk; docs/journal-format.md is the same in prose. All integers are little-endian.
 *
 *     segment = header record*
 *     header  = "UNHJRNL1" | version u32 | reserved u32 | first sequence u64 | crc32 of the 24 bytes before, u32 | reserved u32
 *     record  = payload length u32 | crc32 u32 | sequence u64 | payload
 *
 * A record's crc32 covers its length, its sequence and its payload, so that a flipped bit anywhere in it is seen.
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

export function encodeHeader(firstSequence: number): Buffer {
  const header = Buffer.alloc(HEADER_BYTES);
  MAGIC.copy(header);
  header.writeUInt32LE(VERSION, 8);
  header.writeBigUInt64LE(BigInt(firstSequence), 16);
  header.writeUInt32LE(crc32(header.subarray(0, 24)), 24);
  return header;
}

/**
 * A header with a right checksum and another version is refused. A damaged one is not: the name of the file says what the header says.
 *
 * @throws ObservabilityError `journal_version`.
 */
export function checkVersion(path: string, header: Buffer): void {
  if (header.length < HEADER_BYTES || !header.subarray(0, 8).equals(MAGIC)) return;
  const version = header.readUInt32LE(8);
  if (header.readUInt32LE(24) !== crc32(header.subarray(0, 24)) || version === VERSION) return;
  throw new ObservabilityError(
    'journal_version',
    `${path} has format version ${version}, this program reads ${VERSION}. Use the program that wrote it.`,
  );
}

/** Writes one record at `offset` and returns the offset behind it. */
export function writeRecord(into: Buffer, offset: number, sequence: number, payload: Uint8Array): number {
  into.writeUInt32LE(payload.length, offset);
  into.writeUInt32LE(sequence >>> 0, offset + 8);
  into.writeUInt32LE(Math.floor(sequence / 0x1_0000_0000), offset + 12);
  into.set(payload, offset + RECORD_BYTES);
  into.writeUInt32LE(recordCrc(into, offset, payload.length), offset + 4);
  return offset + RECORD_BYTES + payload.length;
}

function recordCrc(bytes: Buffer, offset: number, length: number): number {
  const ofLength = crc32(bytes.subarray(offset, offset + 4));
  return crc32(bytes.subarray(offset + 8, offset + RECORD_BYTES + length), ofLength);
}

/** What stands at an offset: a whole record, damage, or the start of something that goes on behind the buffer. */
export type Parsed =
  { kind: 'record'; record: JournalRecord; end: number } | { kind: 'bad' } | { kind: 'short'; need: number };

/** Reads what stands at `offset`. `after` and `upTo` bound the sequences that make sense there. */
export function parseRecord(bytes: Buffer, offset: number, after: number, upTo: number): Parsed {
  if (bytes.length - offset < RECORD_BYTES) return { kind: 'short', need: RECORD_BYTES };
  const length = bytes.readUInt32LE(offset);
  const sequence = bytes.readUInt32LE(offset + 8) + bytes.readUInt32LE(offset + 12) * 0x1_0000_0000;
  if (length > MAX_PAYLOAD_BYTES || sequence <= after || sequence > upTo) return { kind: 'bad' };
  const end = offset + RECORD_BYTES + length;
  if (end > bytes.length) return { kind: 'short', need: end - offset };
  if (bytes.readUInt32LE(offset + 4) !== recordCrc(bytes, offset, length)) return { kind: 'bad' };
  return { kind: 'record', record: { sequence, payload: bytes.subarray(offset + RECORD_BYTES, end) }, end };
}
