import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { Journal } from '../../journal/journal.js';
import type { EventRecord } from '../../transport.js';
import { journalSink } from './journal-sink.js';

const MIB = 1024 * 1024;
let dir: string;
let journal: Journal;
beforeEach(async () => {
  dir = mkdtempSync(join(tmpdir(), 'journal-sink-'));
  journal = await Journal.open({ dir, capBytes: 8 * MIB, segmentBytes: MIB, blockMs: 100 });
});
afterEach(async () => {
  await journal.close();
  rmSync(dir, { recursive: true });
});

const record: EventRecord = { topic: 't', key: 'k', eventType: 'span', value: new Uint8Array(64 * 1024) };
const store = async (sink: ReturnType<typeof journalSink>, position: number): Promise<void> => {
  const progress = { positions: { 't/0': position }, emitters: [], since: 0 };
  await sink.store({ records: Array.from({ length: 8 }, () => record), progress, recentIds: () => [] });
};

test('what the sink keeps never fills the journal, however large the records: others can go on reading and it on storing', async () => {
  const reader = journal.cursor('reader');
  const sink = journalSink(journal);
  for (let position = 1; position <= 64; position++) {
    await store(sink, position);
    await reader.commit(journal.lastSequence);
  }
  expect(journal.lastSequence).toBe(64 * 8);
  expect(journal.stats().bytes).toBeLessThanOrEqual(8 * MIB);
});

test('the newest batch stays, and with it how far the consumer was', async () => {
  const sink = journalSink(journal, { keepRecords: 1 });
  for (let position = 1; position <= 10; position++) await store(sink, position);
  const { progress } = await journalSink(journal, { keepRecords: 1 }).restore();
  expect(progress?.positions).toEqual({ 't/0': 10 });
});
