import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { jest } from '@jest/globals';
import { Envelope } from '@unhinged/observability-proto';

import { CDCObservabilityIntegration, EventEmitter } from './index.js';
import { decodeRecord, Journal, journalTransport } from './journal.js';
import { forwardToKafka, type KafkaRecord, SendFailure } from './kafka.js';

const HOUR_MS = 3_600_000;
const realNow = Date.now.bind(Date);

/** Sets the wall clock off; what counts time by itself, such as timers, goes on. */
const setClock = (offsetMs: number): void => {
  jest.spyOn(Date, 'now').mockImplementation(() => realNow() + offsetMs);
};

let dir = '';
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'journal-clock-'));
});
afterEach(() => {
  jest.restoreAllMocks();
  rmSync(dir, { recursive: true, force: true });
});

test('the clock moved by ±1 h: sequences strictly increase, from emit to Kafka, through a retry', async () => {
  const journal = await Journal.open({ dir });
  const emitter = new EventEmitter({ transport: journalTransport(journal) });
  const cdc = new CDCObservabilityIntegration(emitter);
  const sent: KafkaRecord[] = [];
  let away = false;
  const forwarding = forwardToKafka(journal, {
    brokers: ['127.0.0.1:1'],
    client: {
      send: (records) => {
        if (away) {
          away = false;
          return Promise.reject(new SendFailure('unavailable', 'away'));
        }
        sent.push(...records);
        return Promise.resolve();
      },
      close: () => Promise.resolve(),
    },
  });
  for (const offset of [0, HOUR_MS, -HOUR_MS, 0]) {
    setClock(offset);
    away = true;
    for (let n = 0; n < 10; n++) await cdc.emitLogEvent({ level: 'info', service: 'clock', message: 'tick' });
    // While it waits to send again the clock moves once more.
    setClock(-offset);
    expect(await forwarding.flush(30_000)).toBe(true);
  }
  await forwarding.stop();
  const all = Array.from({ length: 40 }, (_, n) => n + 1);
  expect(sent.map(({ headers }) => Number(headers['x-seq']))).toEqual(all);
  const records = await journal.read({ from: 1 });
  expect(records.map(({ sequence }) => sequence)).toEqual(all);
  const numbers = records.map(({ payload }) =>
    Number(Envelope.decode(decodeRecord(payload).value).sequenceNumber),
  );
  expect(numbers).toEqual(all);
  await emitter.close();
  await journal.close();
}, 120_000);

test.each([HOUR_MS, -HOUR_MS])(
  'an append that waits for space is refused after its 200 ms though the clock moves by %d ms',
  async (offset) => {
    const journal = await Journal.open({ dir, capBytes: 8_192, blockMs: 200 });
    journal.cursor('slow');
    const record = Buffer.alloc(1_000);
    for (let n = 0; n < 7; n++) await journal.append([record]);
    const begun = performance.now();
    const refused = expect(journal.append([record, record])).rejects.toMatchObject({ code: 'journal_full' });
    setClock(offset);
    await refused;
    expect(performance.now() - begun).toBeGreaterThanOrEqual(195);
    await journal.close();
  },
);
