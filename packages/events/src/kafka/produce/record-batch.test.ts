import { buildLogEvent, Sequence } from '@unhinged/observability-core';
import fc from 'fast-check';
import kafkajs from 'kafkajs';
// @ts-expect-error no types: an inner module of kafkajs
import Decoder from 'kafkajs/src/protocol/decoder.js';
// @ts-expect-error no types: an inner module of kafkajs
import decodeBatch from 'kafkajs/src/protocol/recordBatch/v0/decoder.js';

import { eventHeaders } from '../../event-headers.js';
import { toRecord } from '../../record.js';
import type { KafkaRecord } from '../record-client.js';
import { registerSnappy } from '../snappy.js';
import { StreamRecord } from '../stream-record.js';
import { crc32c } from './crc32c.js';
import { partitionOf } from './partition.js';
import { encodeBatch } from './record-batch.js';

registerSnappy();

/** What kafkajs, by itself, reads in a batch. */
async function read(batch: Buffer) {
  const { records, firstTimestamp } = (await (decodeBatch as (decoder: unknown) => Promise<unknown>)(
    new (Decoder as new (bytes: Buffer) => unknown)(batch),
  )) as {
    firstTimestamp: string;
    records: { key: Buffer; value: Buffer; offset: string; headers: Record<string, Buffer> }[];
  };
  return {
    time: Number(firstTimestamp),
    records: records.map(({ key, value, offset, headers }) => ({
      key: key.toString(),
      value: value.toString('hex'),
      offset: Number(offset),
      headers: Object.fromEntries(Object.entries(headers).map(([name, text]) => [name, text.toString()])),
    })),
  };
}

const written = (records: readonly KafkaRecord[]) =>
  records.map(({ key, value, headers }, offset) => ({
    key,
    value: Buffer.from(value).toString('hex'),
    offset,
    headers: { ...headers },
  }));

test('whatever keys, values and headers are: kafkajs reads the records that were written', async () => {
  const text = fc.string({ unit: 'binary' });
  const record = fc.record({
    topic: fc.constant('t'),
    key: text,
    value: fc.uint8Array({ maxLength: 20_000 }),
    headers: fc.dictionary(text, text, { maxKeys: 80, noNullPrototype: true }),
  });
  await fc.assert(
    fc.asyncProperty(fc.array(record, { minLength: 1, maxLength: 70 }), async (records) => {
      expect(await read(encodeBatch(records, 1_700_000_000_123))).toEqual({
        time: 1_700_000_000_123,
        records: written(records),
      });
    }),
    { numRuns: 50 },
  );
});

test('the headers of an event go into the batch as `eventHeaders` says them', async () => {
  const text = fc.string({ unit: 'grapheme' });
  const id = fc.oneof(fc.constant(''), text);
  await fc.assert(
    fc.asyncProperty(fc.array(fc.tuple(text, id, id, text), { minLength: 1 }), async (inputs) => {
      const sequence = new Sequence();
      const records = inputs.map(([serviceName, traceId, spanId, message], n) => {
        const resource = { serviceName, serviceVersion: '', deploymentEnvironment: '', attributes: {} };
        const timeUnixNano = 1_700_000_000_000_000_000n + BigInt(n) * 333_333_333n;
        const event = buildLogEvent(
          { level: 'info', message, resource, timeUnixNano, traceContext: { traceId, spanId } },
          { sequence },
        );
        return toRecord('observability.log_entry', event);
      });
      const batch = records.map((record) => new StreamRecord(record));
      expect(batch.every(({ event }) => event !== undefined)).toBe(true);
      const { records: found } = await read(encodeBatch(batch, 0));
      expect(found.map(({ headers }) => headers)).toEqual(records.map(eventHeaders));
    }),
    { numRuns: 50 },
  );
});

test('headers of the record itself are there too, instead of derived ones of the same name', async () => {
  const resource = { serviceName: 's', serviceVersion: '', deploymentEnvironment: '', attributes: {} };
  const event = buildLogEvent({ level: 'info', message: '', resource }, { sequence: new Sequence() });
  const record = {
    ...toRecord('observability.log_entry', event),
    headers: { mine: '1', 'x-seq': 'override' },
  };
  const { records } = await read(encodeBatch([new StreamRecord(record)], 0));
  expect(records[0]?.headers).toMatchObject({ mine: '1', 'x-seq': 'override', ce_id: event.eventId });
});

test('a record that cannot be written leaves nothing in the next batch', async () => {
  const good = { topic: 't', key: 'k', value: Buffer.from('v'), headers: { a: 'b' } };
  const bad = { ...good, key: 'bad', headers: undefined as unknown as Record<string, string> };
  expect(() => encodeBatch([good, bad], 0)).toThrow();
  expect((await read(encodeBatch([good], 0))).records).toEqual(written([good]));
});

test('the checksum is CRC-32C', () => {
  // The check value of the catalogue of parametrised CRC algorithms.
  expect(crc32c(Buffer.from('123456789'))).toBe(0xe3069283);
  const slow = (bytes: Uint8Array): number => {
    let crc = -1;
    for (const byte of bytes) {
      crc ^= byte;
      for (let bit = 0; bit < 8; bit++) crc = (crc >>> 1) ^ (crc & 1 ? 0x82f63b78 : 0);
    }
    return ~crc >>> 0;
  };
  fc.assert(
    fc.property(fc.uint8Array(), fc.nat(7), (bytes, start) => {
      expect(crc32c(Buffer.from(bytes), start)).toBe(slow(bytes.subarray(start)));
    }),
  );
});

test('a key has the partition that it has for kafkajs and for Java', () => {
  const partitioner = kafkajs.Partitioners.DefaultPartitioner();
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }), fc.integer({ min: 1, max: 100 }), (key, count) => {
      const partitionMetadata = Array.from({ length: count }, (_, partitionId) => ({
        ...{ partitionId, partitionErrorCode: 0, leader: 0, replicas: [0], isr: [0] },
      }));
      const expected = partitioner({ topic: 't', partitionMetadata, message: { key, value: '' } });
      expect(partitionOf(key, count)).toBe(expected);
    }),
  );
});
