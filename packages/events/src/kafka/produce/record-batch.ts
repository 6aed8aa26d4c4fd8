import { compress } from 'snappyjs';

import { eventHeaderCount, writeEventHeaders } from '../../event-headers.js';
import type { KafkaRecord } from '../record-client.js';
import { StreamRecord } from '../stream-record.js';
import { crc32c } from './crc32c.js';
import { RecordWriter } from './record-writer.js';

/** Bytes in front of a batch's records: https://kafka.apache.org/documentation/#recordbatch */
const HEAD_BYTES = 61;
/** Where the checksum stands; it covers what comes behind it. */
const CRC_AT = 17;
const MAGIC = 2;
const SNAPPY = 2;

/** Reused: a batch is written in one go. */
const writer = new RecordWriter();

/**
 * One record batch (format 2) for one partition, compressed as one raw Snappy block, which every client reads. Headers of events go from
 * the event's bytes into the batch without becoming text. Not idempotent: no producer id.
 *
 * @param nowMs time of all records, Unix milliseconds
 */
export function encodeBatch(records: readonly KafkaRecord[], nowMs: number): Buffer {
  // What a record left that could not be written.
  writer.clear();
  for (const [offset, record] of records.entries()) writeRecord(record, offset);
  const compressed = compress(writer.take());
  const batch = Buffer.allocUnsafe(HEAD_BYTES + compressed.length);
  batch.writeBigInt64BE(0n, 0); // base offset: the broker's affair
  batch.writeInt32BE(batch.length - 12, 8);
  batch.writeInt32BE(-1, 12); // partition leader epoch: the broker's affair
  batch.writeInt8(MAGIC, 16);
  batch.writeInt16BE(SNAPPY, 21);
  batch.writeInt32BE(records.length - 1, 23);
  batch.writeBigInt64BE(BigInt(nowMs), 27);
  batch.writeBigInt64BE(BigInt(nowMs), 35);
  batch.writeBigInt64BE(-1n, 43); // producer id
  batch.writeInt16BE(-1, 51); // producer epoch
  batch.writeInt32BE(-1, 53); // base sequence
  batch.writeInt32BE(records.length, 57);
  batch.set(compressed, HEAD_BYTES);
  batch.writeUInt32BE(crc32c(batch, CRC_AT + 4), CRC_AT);
  return batch;
}

function writeRecord(record: KafkaRecord, offset: number): void {
  const start = writer.open();
  writer.byte(0); // attributes
  writer.byte(0); // milliseconds behind the batch's time
  writer.varint(offset);
  writer.string(record.key);
  writer.varint(record.value.length);
  writer.raw(record.value);
  const event = record instanceof StreamRecord ? record.event : undefined;
  if (event !== undefined) {
    writer.varint(eventHeaderCount(event.head));
    writeEventHeaders(event.type, event.head, writer);
  } else {
    const headers = Object.entries(record.headers);
    writer.varint(headers.length);
    for (const [name, value] of headers) {
      writer.string(name);
      writer.string(value);
    }
  }
  writer.close(start);
}
