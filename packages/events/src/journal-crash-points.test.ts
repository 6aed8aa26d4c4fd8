import { spawnSync } from 'node:child_process';
import { copyFileSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

import { Journal } from './journal.js';
import { contents, fill, segmentsOf } from './testing/journal-contents.js';

let dir = '';
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'journal-crash-'));
});
afterEach(() => {
  rmSync(dir, { recursive: true, force: true });
});

test('a crash between send and cursor, 5 times: the batch that was sent comes again, nothing is lost, nothing overtakes', () => {
  const program = fileURLToPath(new URL('../fixtures/forward-to-file.mjs', import.meta.url));
  const topic = join(dir, 'topic');
  for (let crash = 1; crash <= 5; crash++) {
    const { signal } = spawnSync(process.execPath, [program, join(dir, 'journal'), topic, String(crash)]);
    expect(signal).toBe('SIGKILL');
  }
  const { status, stderr } = spawnSync(process.execPath, [program, join(dir, 'journal'), topic, '0']);
  expect([status, stderr.toString()]).toEqual([0, '']);
  const sends = readFileSync(topic, 'utf8')
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as number[]);
  const first = new Set<number>();
  for (const batch of sends) {
    for (const [index, sequence] of batch.entries()) {
      if (first.has(sequence)) continue;
      // Seen for the first time: all before it were.
      expect(sequence).toBe(first.size + 1);
      expect(batch[index - 1] ?? sequence - 1).toBe(sequence - 1);
      first.add(sequence);
    }
  }
  expect(first.size).toBe(10_000);
  const doubled = sends.flat().length - first.size;
  expect(doubled).toBeGreaterThan(0);
  // No more than that process had sent: nobody waits for the cursor.
  expect(doubled).toBeLessThanOrEqual((1 + 2 + 3 + 4 + 5) * 1_024);
}, 120_000);

test('a crash between cursor and unlink: the segments that are still there are removed, nothing is read again', async () => {
  const options = { dir, segmentBytes: 1_024 };
  let journal = await Journal.open(options);
  const cursor = journal.cursor('kafka');
  await fill(journal, 100, 100);
  const before = segmentsOf(dir);
  expect(before.length).toBeGreaterThan(5);
  const kept = mkdtempSync(join(tmpdir(), 'journal-kept-'));
  for (const name of before) copyFileSync(join(dir, name), join(kept, name));
  await cursor.commit(90);
  await journal.close();
  expect(segmentsOf(dir).length).toBeLessThan(before.length);
  // As the crash would have left it.
  for (const name of before) copyFileSync(join(kept, name), join(dir, name));
  rmSync(kept, { recursive: true });
  journal = await Journal.open(options);
  const again = journal.cursor('kafka');
  expect(again.position).toBe(90);
  expect((await contents(journal, again.position + 1)).map(([sequence]) => sequence)).toEqual([
    91, 92, 93, 94, 95, 96, 97, 98, 99, 100,
  ]);
  const { first } = await journal.append([Buffer.from('next')]);
  expect(first).toBe(101);
  await again.commit(101);
  await journal.close();
  expect(segmentsOf(dir).length).toBeLessThanOrEqual(2);
});
