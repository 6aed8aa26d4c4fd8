import { jest } from '@jest/globals';
import { existsSync, mkdirSync, readdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { deriveEventId } from '@unhinged/observability-core';
import { openLake, type Lake, type LakeOptions } from './lake.js';
import { openLakeReader } from './reader/lake-reader.js';
import { logInput, metricInput, spanInput } from './testing/events.js';
import { testFolder } from './testing/folder.js';

jest.setTimeout(60_000);

const lakes: Lake[] = [];
async function open(dir: string, options: Partial<LakeOptions> = {}): Promise<Lake> {
  const lake = await openLake({ dir, ...options });
  lakes.push(lake);
  return lake;
}
afterEach(async () => {
  for (const lake of lakes.splice(0)) await lake.close().catch(() => undefined);
});

async function select(dir: string, sql: string): Promise<unknown[][]> {
  const reader = await openLakeReader({ dir });
  try {
    return (await reader.query(sql, { maxRows: 10_000 })).rows;
  } finally {
    await reader.close();
  }
}

async function eventually(what: string, holds: () => boolean): Promise<void> {
  for (let n = 0; n < 1_000; n++) {
    if (holds()) return;
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  throw new Error(`never: ${what}`);
}

describe('a flush', () => {
  it('makes the rows of all three tables durable and visible as one commit', async () => {
    const dir = testFolder();
    const lake = await open(dir);
    const commits: unknown[] = [];
    lake.onCommit((commit) => commits.push(commit));
    await lake.append([logInput(1), spanInput(2), metricInput(3)]);
    expect(lake.committed).toBe(0);
    expect(lake.stats().pendingRows).toBe(3);
    expect(await lake.flush()).toBe(3);
    expect(lake.committed).toBe(3);
    const one = { observability_traces: 1, observability_logs: 1, observability_metrics: 1 };
    expect(commits).toEqual([{ sequence: 3, rows: one }]);
    expect(lake.stats()).toMatchObject({ rows: one, pendingRows: 0, pendingBytes: 0, failures: 0 });
    expect(await select(dir, 'select message, hour, service from observability_logs')).toEqual([
      ['line 1', 5, 'chat'],
    ]);
    expect(readdirSync(join(dir, 'staging'))).toEqual([]);
    expect(existsSync(join(dir, 'commits/00000000000000000001.json'))).toBe(true);
    expect(existsSync(join(dir, 'observability_logs/date=2026-03-04/hour=05/service=chat'))).toBe(true);
  });

  it.each(['snappy', 'zstd'] as const)('compresses with %s', async (compression) => {
    const dir = testFolder();
    const lake = await open(dir, { compression });
    await lake.append([logInput(1)]);
    await lake.flush();
    const [file] = readdirSync(join(dir, 'observability_logs'), { recursive: true, encoding: 'utf8' }).filter(
      (name) => name.endsWith('.parquet'),
    );
    const path = join(dir, 'observability_logs', String(file));
    expect(await select(dir, `select distinct compression from parquet_metadata('${path}')`)).toEqual([
      [compression.toUpperCase()],
    ]);
  });

  it('comes by itself after the set time, rows and bytes', async () => {
    for (const options of [{ flushMs: 1 }, { flushRows: 2 }, { flushBytes: 1_000 }]) {
      const lake = await open(testFolder(), options);
      for (let sequence = 1; sequence <= 5; sequence++) await lake.append([logInput(sequence)]);
      await eventually(`a commit with ${JSON.stringify(options)}`, () => lake.committed >= 2);
    }
  });

  it('covers inputs that leave no row, so that a journal can forget them', async () => {
    const dir = testFolder();
    const lake = await open(dir);
    await lake.append([{ sequence: 9, eventType: 'alert', value: new Uint8Array() }]);
    expect(await lake.flush()).toBe(9);
    await lake.close();
    expect((await open(dir)).committed).toBe(9);
  });

  it('of nothing writes nothing', async () => {
    const dir = testFolder();
    expect(await (await open(dir)).flush()).toBe(0);
    expect(readdirSync(join(dir, 'commits'))).toEqual([]);
  });

  it('keeps only the last few commit files', async () => {
    const dir = testFolder();
    const lake = await open(dir);
    for (let sequence = 1; sequence <= 12; sequence++) {
      await lake.append([logInput(sequence)]);
      await lake.flush();
    }
    expect(readdirSync(join(dir, 'commits'))).toHaveLength(8);
    await lake.close();
    const again = await open(dir);
    expect(again.committed).toBe(12);
    expect(again.stats().rows.observability_logs).toBe(12);
  });
});

describe('append', () => {
  it('ignores what it has seen, also before a restart', async () => {
    const dir = testFolder();
    const lake = await open(dir);
    await lake.append([logInput(1), logInput(2), logInput(2)]);
    await lake.close();
    const again = await open(dir);
    await again.append([logInput(1), logInput(2), logInput(3)]);
    await again.flush();
    expect(again.stats().skipped).toEqual({ already_seen: 2 });
    expect(await select(dir, 'select message from observability_logs order by all')).toEqual([
      ['line 1'],
      ['line 2'],
      ['line 3'],
    ]);
  });

  it('counts what it skips, by reason, and goes on', async () => {
    const dir = testFolder();
    const lake = await open(dir);
    const eventId = deriveEventId('same');
    await lake.append([
      logInput(1, { destinations: { dataLake: false } }),
      { sequence: 2, eventType: 'alert', value: new Uint8Array() },
      { sequence: 3, eventType: '', value: new Uint8Array([1, 2, 3]) },
      { sequence: 4, eventType: 'somebody elses', value: new Uint8Array() },
      { sequence: 5, eventType: 'span', value: new Uint8Array([0xff, 0xff, 0xff]) },
      spanInput(6, { span: undefined }),
      logInput(7, { timestamp: { seconds: 2n ** 62n, nanos: 0 } }),
      logInput(8, { eventId }),
      logInput(9, { eventId }),
      logInput(10, { message: 'x'.repeat(17 * 1024 * 1024) }),
      logInput(11),
    ]);
    await lake.flush();
    expect(lake.stats().skipped).toEqual({
      not_for_lake: 1,
      alert: 1,
      otlp_batch: 1,
      unknown_type: 1,
      undecodable: 1,
      empty_event: 1,
      bad_time: 1,
      duplicate_event: 1,
      too_large: 1,
    });
    expect(await select(dir, 'select message from observability_logs order by all')).toEqual([
      ['line 11'],
      ['line 8'],
    ]);
  });

  it('never fails, whatever bytes come', async () => {
    const lake = await open(testFolder());
    let sequence = 0;
    await fc.assert(
      fc.asyncProperty(
        fc.constantFrom('log_entry', 'span', 'metric'),
        fc.uint8Array({ maxLength: 200 }),
        async (eventType, value) => {
          await lake.append([{ sequence: ++sequence, eventType, value }]);
        },
      ),
    );
    expect(await lake.flush()).toBe(sequence);
  });

  it('waits instead of holding more than two batches', async () => {
    const dir = testFolder();
    const lake = await open(dir, { flushRows: 100 });
    const inputs = Array.from({ length: 1_000 }, (_, index) => logInput(index + 1));
    let most = 0;
    const watch = setInterval(() => (most = Math.max(most, lake.stats().pendingRows)), 1);
    await lake.append(inputs);
    clearInterval(watch);
    await lake.flush();
    expect(most).toBeLessThanOrEqual(200);
    expect(await select(dir, 'select count(*), count(distinct message) from observability_logs')).toEqual([
      [1_000, 1_000],
    ]);
  });
});

describe('a lake that cannot be written', () => {
  it('says why, keeps the rows and writes them once it can', async () => {
    const dir = testFolder();
    const lake = await open(dir);
    await lake.append([logInput(1)]);
    rmSync(join(dir, 'staging'), { recursive: true });
    writeFileSync(join(dir, 'staging'), 'in the way');
    await expect(lake.flush()).rejects.toMatchObject({
      code: 'lake_write_failed',
      message: expect.stringMatching(/ENOTDIR/) as string,
    });
    expect(lake.committed).toBe(0);
    expect(await select(dir, 'from observability_logs')).toEqual([]);
    expect(lake.stats()).toMatchObject({
      pendingRows: 1,
      lastFailure: expect.stringMatching(/ENOTDIR/) as string,
    });
    rmSync(join(dir, 'staging'));
    mkdirSync(join(dir, 'staging'));
    // Nobody asks: it tries again by itself.
    await eventually('the commit', () => lake.stats().pendingRows === 0);
    expect(lake.committed).toBe(1);
    expect(lake.stats().lastFailure).toBeNull();
    expect(await select(dir, 'select message from observability_logs')).toEqual([['line 1']]);
  });

  it('does not write rows again whose commit was made but whose files could not be moved', async () => {
    const dir = testFolder();
    const lake = await open(dir);
    await lake.append([logInput(1)]);
    const table = join(dir, 'observability_logs');
    rmSync(table, { recursive: true });
    writeFileSync(table, 'in the way');
    await expect(lake.flush()).rejects.toMatchObject({ code: 'lake_write_failed' });
    rmSync(table);
    mkdirSync(table);
    expect(await lake.flush()).toBe(1);
    expect(await select(dir, 'select message from observability_logs')).toEqual([['line 1']]);
    expect(lake.stats().rows.observability_logs).toBe(1);
  });

  it('cannot be opened where there is a file', async () => {
    const file = join(testFolder(), 'file');
    writeFileSync(file, '');
    await expect(openLake({ dir: file })).rejects.toMatchObject({
      code: 'lake_unusable',
      message: expect.stringContaining(file) as string,
    });
  });

  it('cannot be opened when its last commit is unreadable', async () => {
    const dir = testFolder();
    await (await open(dir)).close();
    writeFileSync(join(dir, 'commits/00000000000000000001.json'), 'not JSON');
    await expect(openLake({ dir })).rejects.toMatchObject({ code: 'lake_corrupt' });
  });

  it('cannot be opened when a committed file is gone', async () => {
    const dir = testFolder();
    const lake = await open(dir);
    await lake.append([logInput(1)]);
    await lake.close();
    const table = join(dir, 'observability_logs');
    renameSync(table, join(dir, 'elsewhere'));
    mkdirSync(join(dir, 'staging/00000000000000000001'));
    await expect(openLake({ dir })).rejects.toMatchObject({ code: 'lake_corrupt' });
  });
});

describe('close', () => {
  it('flushes, and refuses what comes after', async () => {
    const dir = testFolder();
    const lake = await open(dir);
    await lake.append([logInput(1)]);
    await lake.close();
    expect(lake.committed).toBe(1);
    await expect(lake.append([logInput(2)])).rejects.toMatchObject({ code: 'lake_closed' });
    await expect(lake.flush()).rejects.toMatchObject({ code: 'lake_closed' });
    await lake.close();
  });
});

describe('service names', () => {
  it('cannot lead out of the folder and come back as they were', async () => {
    const dir = testFolder();
    const long = 'ü'.repeat(300);
    const names = [
      ['../../x', '..', '.', '/etc/passwd', 'a/b', 'service=..', 'x=y&z%2F', 'ünï 💥', 'tab\tnul\u0000'],
      ["quo'te", 'NULL', '__HIVE_DEFAULT_PARTITION__', '42', '2026-01-01', '', long, 'y'.repeat(300)],
    ].flat();
    const lake = await open(join(dir, 'lake'));
    await lake.append(
      names.map((serviceName, index) =>
        logInput(index + 1, { message: serviceName, resource: { serviceName } }),
      ),
    );
    await lake.flush();
    expect(lake.stats().skipped).toEqual({});
    expect(readdirSync(dir)).toEqual(['lake']);
    expect(readdirSync(join(dir, 'lake')).sort()).toEqual(
      ['commits', 'observability_logs', 'observability_metrics', 'observability_traces', 'staging'].sort(),
    );
    const rows = await select(
      join(dir, 'lake'),
      `select message, coalesce(resource_attributes['service.name'], service) from observability_logs`,
    );
    const expected = names.map((name) => [name, name === '' ? 'unknown' : name]);
    expect(rows.sort()).toEqual(expected.sort());
  });
});
