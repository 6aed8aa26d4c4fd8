import { jest } from '@jest/globals';
import { randomInt } from 'node:crypto';
import { once } from 'node:events';
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import type { CommitStep } from './commit/committer.js';
import { openLakeReader } from './reader/lake-reader.js';
import { testFolder } from './testing/folder.js';
import { runSource } from './testing/run-source.js';

jest.setTimeout(120_000);

const feed = new URL('testing/feed-lake.ts', import.meta.url);
const LAST = 2_000;
const STEPS: CommitStep[] = [
  'rows_staged',
  'staging_synced',
  'committed',
  'file_published',
  'published',
  'cleaned',
];

/** Starts the feeder; it ends by itself, at the step, or killed some milliseconds after it has opened the lake. */
async function run(dir: string, kill: { step: CommitStep; occurrence: number } | { afterMs: number } | null) {
  const step = kill && 'step' in kill ? [kill.step, String(kill.occurrence)] : [];
  const child = runSource(feed, [dir, String(LAST), ...step]);
  const ended = once(child, 'exit');
  if (kill && 'afterMs' in kill) {
    child.stdout?.once('data', () => setTimeout(() => child.kill('SIGKILL'), kill.afterMs));
  }
  const [code, signal] = (await ended) as [number | null, string | null];
  return signal ?? code;
}

async function expectEveryRowOnce(dir: string): Promise<void> {
  const reader = await openLakeReader({ dir });
  const { rows } = await reader.query(
    `
    select sequence_number, count(*) from (
      select sequence_number from observability_logs
      union all select sequence_number from observability_traces
      union all select sequence_number from observability_metrics)
    group by all order by all`,
    { maxRows: 10_000 },
  );
  await reader.close();
  expect(rows).toEqual(Array.from({ length: LAST }, (_, index) => [index + 1, 1]));
}

describe('kill -9 of the process that writes a lake', () => {
  it('neither loses nor doubles a row, whichever step it hits', async () => {
    const dir = testFolder();
    for (const step of STEPS) expect(await run(dir, { step, occurrence: 1 })).toBe('SIGKILL');
    // In the middle of the files of a later commit.
    for (const step of ['committed', 'file_published'] as const) {
      expect(await run(dir, { step, occurrence: 15 })).toBe('SIGKILL');
    }
    expect(await run(dir, null)).toBe(0);
    await expectEveryRowOnce(dir);
    expect(readdirSync(join(dir, 'staging'))).toEqual([]);
  });

  it('neither loses nor doubles a row, whenever it comes', async () => {
    const dir = testFolder();
    for (let kill = 0; kill < 6; kill++) await run(dir, { afterMs: randomInt(200) });
    expect(await run(dir, null)).toBe(0);
    await expectEveryRowOnce(dir);
  });
});
