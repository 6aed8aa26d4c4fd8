import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { openLake } from './lake.js';
import { openLakeReader } from './reader/lake-reader.js';
import { logInput, metricInput, spanInput } from './testing/events.js';
import { testFolder } from './testing/folder.js';

async function select(dir: string, sql: string): Promise<unknown[][]> {
  const reader = await openLakeReader({ dir });
  try {
    return (await reader.query(sql, { maxRows: 10_000 })).rows;
  } finally {
    await reader.close();
  }
}

describe('lake', () => {
  it('has the rows of all three tables after one flush', async () => {
    const dir = testFolder();
    const lake = await openLake({ dir });
    await lake.append([logInput(1), spanInput(2), metricInput(3)]);
    expect(lake.committed).toBe(0);
    expect(await lake.flush()).toBe(3);
    expect(await select(dir, 'select message, hour, service from observability_logs')).toEqual([
      ['line 1', 5, 'chat'],
    ]);
    expect(await select(dir, 'select name, duration_ns, time, date from observability_traces')).toEqual([
      ['span 2', 1500, '2026-03-04T05:06:07.123456Z', '2026-03-04'],
    ]);
    expect(await select(dir, 'select name, value, time_unix_nano from observability_metrics')).toEqual([
      ['requests', 1.5, '1772600767123456789'],
    ]);
    expect(readdirSync(join(dir, 'staging'))).toEqual([]);
    expect(existsSync(join(dir, 'commits/00000000000000000001.json'))).toBe(true);
    await lake.close();
  });
});
