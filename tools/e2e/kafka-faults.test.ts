import { execFile } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

import { CDCObservabilityIntegration, EventEmitter, toRecord } from '@unhinged/events';
import { decodeRecord, Journal, journalTransport } from '@unhinged/events/journal';
import { EventConsumer, forwardToKafka, type Gap, journalSink } from '@unhinged/events/kafka';
import { uuidv7 } from '@unhinged/observability-core';
import { Envelope, LogEvent } from '@unhinged/observability-proto';

import { KafkaProxy, readAll, seeded, useBroker } from './support/kafka.js';
import { temporaryFolder } from './support/system.js';

const MIB = 1024 * 1024;
const slowProgram = fileURLToPath(new URL('fixtures/emit-faster-than-taken.mjs', import.meta.url));

let broker: Awaited<ReturnType<typeof useBroker>>;
let proxy: KafkaProxy;
beforeAll(async () => {
  proxy = await KafkaProxy.start();
  broker = await useBroker({ advertise: proxy.port });
  proxy.target = broker.port;
}, 120_000);
afterEach(() => {
  proxy.fault = () => ({});
});
afterAll(async () => {
  await proxy.stop();
  await broker.end();
});

const brokers = () => [`127.0.0.1:${String(proxy.port)}`];

/** A journal that is forwarded to the broker through the proxy. */
async function useForwarding() {
  const folder = temporaryFolder();
  const journal = await Journal.open({ dir: folder.path });
  const forwarding = forwardToKafka(journal, { brokers: brokers() });
  return {
    journal,
    forwarding,
    end: async () => {
      await forwarding.stop();
      await journal.close();
      folder.remove();
    },
  };
}

const logRecord = (message: string) =>
  toRecord('observability.log_entry', {
    ...LogEvent.fromPartial({ eventId: uuidv7(), eventType: 'log_entry', message }),
  });

test('poison records, one oversized and one that cannot be encoded, are dead letters after 3 tries, the other 998 are there in order', async () => {
  const { journal, forwarding, end } = await useForwarding();
  let produced = 0;
  proxy.fault = () => {
    produced++;
    return {};
  };
  try {
    const transport = journalTransport(journal);
    const records = Array.from({ length: 1_000 }, (_, n) => ({
      ...logRecord(n === 600 ? randomBytes(2 * MIB).toString('base64') : String(n)),
      // One key, one partition: order can be seen.
      key: 'same',
      // An event by its type, whose value cannot be read for its headers.
      ...(n === 400 && { value: Uint8Array.of(0x0a, 0xff) }),
    }));
    await transport.sendBatch(records);
    expect(await forwarding.flush(60_000)).toBe(true);
    const stored = await readAll(broker.port, ['observability.logs', 'observability.dlq']);
    const delivered = stored
      .filter(({ topic }) => topic === 'observability.logs')
      .map(({ value }) => Number(LogEvent.decode(value).message));
    expect(delivered).toEqual(
      Array.from({ length: 1_000 }, (_, n) => n).filter((n) => n !== 400 && n !== 600),
    );
    const letters = stored.filter(({ topic }) => topic === 'observability.dlq').map(({ headers }) => headers);
    expect(letters.map((headers) => [headers['x-dlq-reason'], headers['x-dlq-bytes']]).sort()).toEqual([
      ['poison', String(records[600]?.value.length)],
      ['undecodable', '2'],
    ]);
    expect(letters.find((headers) => headers['x-dlq-reason'] === 'poison')?.['x-dlq-error']).toContain(
      'MESSAGE_TOO_LARGE',
    );
    expect(forwarding.stats()).toMatchObject({
      sent: 998,
      deadLettered: { poison: 1, undecodable: 1 },
    });
    // Nothing was tried more than three times: the batches, the parts of one of them, its records, two letters each.
    expect(produced).toBeLessThan(100);
  } finally {
    await end();
  }
}, 180_000);

test('a broker that answers after 2 s: memory stays below 64 MiB more, back-pressure within 100 ms of the high water of 5,000, what was taken is delivered once', async () => {
  proxy.fault = () => ({ delayMs: 2_000 });
  const { stdout } = await promisify(execFile)(process.execPath, [slowProgram, brokers().join()]);
  const result = JSON.parse(stdout) as {
    grown: number;
    backPressureMs: number;
    emitted: number;
    delivered: number;
    queued: number;
    dropped: Record<string, number>;
  };
  expect(result.grown).toBeLessThan(64 * MIB);
  expect(result.backPressureMs).toBeLessThan(100);
  const refused = result.dropped['queue_full'] ?? 0;
  expect(refused).toBeGreaterThan(0);
  expect(result).toMatchObject({
    emitted: 20_000,
    delivered: 20_000 - refused,
    dropped: { queue_full: refused },
    queued: 0,
  });
  const stored = await readAll(broker.port, ['observability.logs']);
  const ids = stored.filter(({ key }) => key.startsWith('slow/')).map(({ id }) => id);
  expect([ids.length, new Set(ids).size]).toEqual([result.delivered, result.delivered]);
}, 180_000);

const SENDS = process.env['SOAK'] ? 100_000 : 600;
test(`the acknowledgement lost on 1 % of ${String(SENDS)} sends: 0 lost, exact after the consumer's dedupe`, async () => {
  const PER_SEND = 5;
  const random = seeded(6);
  let sends = 0;
  let lost = 0;
  const { journal, forwarding, end } = await useForwarding();
  const folder = temporaryFolder();
  // All of it is looked at in the end: what the sink is done with stays.
  const output = await Journal.open({ dir: folder.path, retainBytes: 512 * MIB });
  const gaps: Gap[] = [];
  const consumer = new EventConsumer({
    ...{ brokers: broker.brokers, groupId: 'lost-acks', sink: journalSink(output) },
    ...{ gapGraceMs: 100, onGap: (gap) => gaps.push(gap) },
  });
  try {
    const emitter = new EventEmitter({ transport: journalTransport(journal), maxQueued: 100_000 });
    const cdc = new CDCObservabilityIntegration(emitter);
    await consumer.start();
    // What other tests left.
    expect(await consumer.caughtUp(60_000)).toBe(true);
    const before = consumer.stats();
    proxy.fault = () => {
      sends++;
      const lose = random() < 0.01;
      if (lose) lost++;
      return { lose };
    };
    for (let n = 0; n < SENDS; n++) {
      const group = Array.from({ length: PER_SEND }, () =>
        cdc.emitLogEvent({ level: 'info', service: 'lost-acks', message: 'ack' }),
      );
      await Promise.all(group);
      // Each group is a send of its own.
      if (!(await forwarding.flush(60_000))) throw new Error('not taken in 60 s');
    }
    expect(await consumer.caughtUp(60_000)).toBe(true);
    expect(sends).toBeGreaterThanOrEqual(SENDS);
    expect(lost).toBeGreaterThan(SENDS / 200);
    const { delivered } = emitter.stats();
    expect(delivered).toBe(SENDS * PER_SEND);
    const { duplicates } = consumer.stats();
    // Every lost acknowledgement brought its records again.
    expect(duplicates - before.duplicates).toBe(lost * PER_SEND);
    expect(gaps.filter(({ emitterId }) => emitterId === emitter.sequence.emitterId)).toEqual([]);
    const stored = await readSequences(output, emitter.sequence.emitterId);
    expect(stored).toEqual(Array.from({ length: delivered }, (_, n) => n + 1));
  } finally {
    await consumer.stop();
    await output.close();
    folder.remove();
    await end();
  }
}, 3_600_000);

async function readSequences(journal: Journal, emitterId: string): Promise<number[]> {
  const sequences: number[] = [];
  for (let from = 1; ;) {
    const records = await journal.read({ from, maxRecords: 10_000 });
    const last = records.at(-1);
    if (last === undefined) return sequences.sort((a, b) => a - b);
    for (const { payload } of records) {
      const event = Envelope.decode(decodeRecord(payload).value);
      if (event.emitterId === emitterId) sequences.push(Number(event.sequenceNumber));
    }
    from = last.sequence + 1;
  }
}
