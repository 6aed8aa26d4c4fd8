import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { LogEvent } from '@unhinged/observability-proto';
import fc from 'fast-check';

import { decodeRecord, encodeRecord, Journal } from '../../journal.js';
import { Lane, prepare } from '../lane.js';
import { type RecordClient, SendFailure } from '../record-client.js';
import type { ConsumedBatch, EventSink, RestoredState } from './event-sink.js';
import { GAP_EVENT_NAME } from './gap-event.js';
import { journalSink } from './journal-sink.js';
import type { ReadEvent } from './read-message.js';
import { Stream } from './stream.js';

const PLACE = 'observability.logs/0';
const event = (n: number): ReadEvent => ({
  id: `id-${String(n)}`,
  emitterId: 'emitter',
  sequence: n,
  record: {
    topic: 'observability.logs',
    key: 'k',
    eventType: 'log_entry',
    value: LogEvent.encode(LogEvent.fromPartial({ eventId: `id-${String(n)}`, message: String(n) })).finish(),
  },
});
const events = (from: number, to: number) => Array.from({ length: to - from + 1 }, (_, n) => event(from + n));
const open = (sink: EventSink, dedupeIds = 100) =>
  Stream.open({ sink, dedupeIds, maxEmitters: 10, service: 'test', now: () => 0, elapsed: () => 0 });
const messages = (values: readonly Uint8Array[]) => values.map((value) => LogEvent.decode(value).message);

/** Numbers in [0, 1), the same each time (Numerical Recipes' linear congruence). */
const seeded = (seed: number) => {
  let state = seed;
  return () => (state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0) / 2 ** 32;
};

/** Output and state in memory, as one. */
class Table implements EventSink {
  readonly records: Uint8Array[] = [];
  state: RestoredState = { progress: undefined, recentIds: [] };
  failing = false;
  keepsState = true;
  restore = () => Promise.resolve(this.state);
  store = (batch: ConsumedBatch) => {
    if (this.failing) return Promise.reject(new Error('disk full'));
    this.records.push(...batch.records.map(({ value }) => value));
    if (this.keepsState)
      this.state = { progress: structuredClone(batch.progress), recentIds: batch.recentIds() };
    return Promise.resolve();
  };
}

test('what comes again is left out, across restarts and within one batch', async () => {
  const table = new Table();
  const first = await open(table);
  await first.take([...events(1, 5), ...events(3, 5)], PLACE, 8);
  const second = await open(table);
  expect(second.position(PLACE)).toBe(8);
  await second.take(events(4, 9), PLACE, 14);
  expect(messages(table.records)).toEqual(['1', '2', '3', '4', '5', '6', '7', '8', '9']);
  expect([first.stats().duplicates, second.stats().duplicates]).toEqual([3, 2]);
});

test('a batch that the sink refuses has not moved anything and is new when it comes again', async () => {
  const table = new Table();
  const stream = await open(table);
  table.failing = true;
  await expect(stream.take(events(1, 3), PLACE, 3)).rejects.toThrow('disk full');
  expect(stream.position(PLACE)).toBeUndefined();
  table.failing = false;
  await stream.take(events(1, 3), PLACE, 3);
  expect(messages(table.records)).toEqual(['1', '2', '3']);
  expect(stream.stats()).toMatchObject({ events: 3, duplicates: 0 });
});

test('a gap is an event in the output, once, however often it is found', async () => {
  const table = new Table();
  const stream = await open(table);
  await stream.take([...events(1, 3), ...events(7, 9)], PLACE, 6);
  const before = structuredClone(table.state);
  await stream.report(stream.gaps.settle(Infinity));
  expect(stream.stats()).toMatchObject({ events: 6, gaps: { lost: 3, pending: 0 } });
  const last = LogEvent.decode(table.records.at(-1) ?? new Uint8Array());
  expect(last).toMatchObject({
    eventName: GAP_EVENT_NAME,
    metadata: { emitterId: 'emitter', first: 4, last: 6, missing: 3 },
  });
  // As after a crash before the progress of the report was there.
  const again = await open({
    store: table.store,
    restore: () => Promise.resolve({ ...before, recentIds: [last.eventId] }),
  });
  expect(again.gaps.pending).toBe(3);
  await again.report(again.gaps.settle(Infinity));
  expect(table.records).toHaveLength(7);
});

test('the acknowledgement lost on 1 % of 100,000 sends: 0 lost, exact after dedupe, in order', async () => {
  const SENDS = 100_000;
  const table = new Table();
  // It costs more than all the rest, and nothing is restored here.
  table.keepsState = false;
  const stream = await open(table, 10_000);
  let offset = 0;
  let lost = 0;
  const client: RecordClient = {
    send: async (records) => {
      const read = records.map(({ key }) => event(Number(key)));
      offset += read.length;
      await stream.take(read, PLACE, offset);
      if (random() >= 0.01) return;
      lost++;
      throw new SendFailure('unavailable', 'no answer');
    },
    close: () => Promise.resolve(),
  };
  const random = seeded(6);
  const lane = new Lane({ client, wait: () => Promise.resolve() });
  for (let n = 1; n <= SENDS; n++) {
    const record = { topic: 'observability.logs', key: String(n), eventType: '', value: new Uint8Array() };
    await lane.deliver(prepare([record]), new AbortController().signal);
  }
  expect(lost).toBeGreaterThan(SENDS / 200);
  expect(stream.stats()).toEqual({ events: SENDS, duplicates: lost, gaps: { lost: 0, late: 0, pending: 0 } });
  expect(messages(table.records)).toEqual(Array.from({ length: SENDS }, (_, n) => String(n + 1)));
}, 120_000);

describe('a journal as the sink', () => {
  let dir = '';
  beforeEach(() => {
    dir = mkdtempSync(join(tmpdir(), 'journal-sink-'));
  });
  afterEach(() => {
    rmSync(dir, { recursive: true, force: true });
  });
  const stored = async (journal: Journal) => {
    const records = await journal.read({ from: 1, maxRecords: 100_000 });
    return messages(records.map(({ payload }) => decodeRecord(payload).value));
  };

  test('whatever of a batch a crash leaves in the journal, each event is in it once in the end', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.record({ size: fc.integer({ min: 1, max: 20 }), cut: fc.option(fc.nat(20)) }), {
          maxLength: 8,
        }),
        async (batches) => {
          rmSync(dir, { recursive: true, force: true });
          let journal = await Journal.open({ dir });
          let next = 1;
          for (const { size, cut } of batches) {
            const batch = events(next, next + size - 1);
            if (cut !== null) {
              // The first records are durable, the last one, which carries the progress, is not.
              const torn: EventSink = {
                ...journalSink(journal),
                store: async ({ records }) => {
                  await journal.append(records.slice(0, cut % size).map(encodeRecord));
                  throw new Error('crash');
                },
              };
              const stream = await open(torn);
              await expect(stream.take(batch, PLACE, next + size - 1)).rejects.toThrow('crash');
              await journal.close();
              journal = await Journal.open({ dir });
            }
            const stream = await open(journalSink(journal));
            expect(stream.position(PLACE) ?? 0).toBe(next - 1);
            await stream.take(batch, PLACE, next + size - 1);
            next += size;
          }
          expect(await stored(journal)).toEqual(Array.from({ length: next - 1 }, (_, n) => String(n + 1)));
          await journal.close();
        },
      ),
      { numRuns: 25 },
    );
  });

  test('it keeps the newest records for itself and lets go of the others', async () => {
    const journal = await Journal.open({ dir, segmentBytes: 4096 });
    const stream = await open(journalSink(journal, { keepRecords: 200 }));
    for (let n = 1; n < 5_000; n += 50) await stream.take(events(n, n + 49), PLACE, n + 49);
    // Cursors are written without anybody waiting for them.
    while (journal.firstSequence < 4_600) await journal.append([encodeRecord(event(0).record)]);
    expect(journal.lastSequence - journal.firstSequence).toBeGreaterThanOrEqual(200);
    const again = await open(journalSink(journal, { keepRecords: 200 }));
    expect(again.position(PLACE)).toBe(5_000);
    await again.take(events(4_901, 5_000), PLACE, 5_000);
    expect(again.stats()).toMatchObject({ events: 0, duplicates: 100 });
    await journal.close();
  });
});
