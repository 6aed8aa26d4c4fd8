import { jest } from '@jest/globals';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { openLake } from '../lake.js';
import { PARTITIONS, TABLES, TABLE_NAMES } from '../schema.js';
import { logInput, metricInput, spanInput } from '../testing/events.js';
import { testFolder } from '../testing/folder.js';
import { openLakeReader, type LakeReader } from './lake-reader.js';

jest.setTimeout(60_000);

// Long without holding anything: a cross product can run out of memory before its time is up.
const endless = 'select sum(range) from range(100000000000)';

let dir: string;
let reader: LakeReader;
beforeEach(async () => {
  dir = testFolder();
  reader = await openLakeReader({ dir });
});
afterEach(() => reader.close());

async function fill(rows = 1): Promise<void> {
  const lake = await openLake({ dir });
  const from = lake.committed + 1;
  await lake.append(Array.from({ length: rows }, (_, index) => logInput(from + index)));
  await lake.append([spanInput(from + rows), metricInput(from + rows + 1)]);
  await lake.close();
}

const columnsOf = async (table: string) =>
  (await reader.query(`describe ${table}`)).rows.map(([name, type]) => ({ name, type }));

describe('tables', () => {
  it('have all columns of the schema, empty and filled', async () => {
    const schema = (table: (typeof TABLE_NAMES)[number]) =>
      [...TABLES[table], ...PARTITIONS].map(({ name, type }) => ({ name, type }));
    for (const table of TABLE_NAMES) expect(await columnsOf(table)).toEqual(schema(table));
    await fill();
    for (const table of TABLE_NAMES) {
      expect(await columnsOf(table)).toEqual(schema(table));
      expect((await reader.query(`select count(*) from ${table}`)).rows).toEqual([[1]]);
    }
  });

  it('show a commit at the next query', async () => {
    for (const expected of [0, 1, 2, 3]) {
      expect((await reader.query('select count(*) from observability_logs')).rows).toEqual([[expected]]);
      await fill();
    }
  });

  it('take JSON operators on attributes', async () => {
    const lake = await openLake({ dir });
    await lake.append([logInput(1, { metadata: { id: 'x', deep: { n: 1 } } })]);
    await lake.close();
    const { rows } = await reader.query(
      "select attributes->>'id', attributes->'deep'->>'n' from observability_logs where attributes->>'id' = 'x'",
    );
    expect(rows).toEqual([['x', '1']]);
  });

  it('read only the partitions that a filter leaves', async () => {
    await fill();
    const { rows } = await reader.query(
      "explain analyze select * from observability_logs where date = '2026-03-04' and hour = 6",
    );
    expect(JSON.stringify(rows)).toMatch(/Scanning Files: 0\/1|EMPTY_RESULT|Total Files Read: 0/);
  });

  it('are documented in the README, every column', () => {
    const readme = readFileSync(new URL('../../README.md', import.meta.url), 'utf8');
    for (const { name } of [...TABLE_NAMES.flatMap((table) => TABLES[table]), ...PARTITIONS]) {
      expect(readme).toContain(`\`${name}\``);
    }
  });
});

describe('values', () => {
  it.each([
    ['1::bigint', 1],
    ['9007199254740993', '9007199254740993'],
    ['sum(range) from range(10)', 45],
    ['1.5', 1.5],
    ["'NaN'::double", 'NaN'],
    ['null', null],
    ["timestamptz '2026-01-01 00:00:00.000001+01'", '2025-12-31T23:00:00.000001Z'],
    ["timestamptz '1969-12-31 23:59:59.999999+00'", '1969-12-31T23:59:59.999999Z'],
    ["timestamp '2026-01-01'", '2026-01-01T00:00:00.000000'],
    ["date '2026-01-01'", '2026-01-01'],
    ["{'a': [1, 2], 'b': map {'k': 1::hugeint}}", { a: [1, 2], b: { k: 1 } }],
    ["'\\x00\\xff'::blob", 'AP8='],
    ["interval '1' day", '1 day'],
    ["timestamptz 'infinity'", 'infinity'],
  ])('%s is %j', async (sql, expected) => {
    expect((await reader.query(`select ${sql}`)).rows).toEqual([[expected]]);
  });

  it('stop at maxRows and say so', async () => {
    expect(await reader.query('from range(5) t(n)', { maxRows: 3 })).toMatchObject({
      columns: [{ name: 'n', type: 'BIGINT' }],
      rows: [[0], [1], [2]],
      truncated: true,
    });
    expect((await reader.query('from range(3)', { maxRows: 3 })).truncated).toBe(false);
    // Not computed to its end.
    expect((await reader.query('from range(1000000000000)', { maxRows: 3 })).rows).toHaveLength(3);
    await expect(reader.query('select 1', { maxRows: 10_001 })).rejects.toMatchObject({ code: 'bad_query' });
  });
});

describe('hostile SQL', () => {
  it.each([
    "copy (select 1) to '$DIR/x.csv'",
    "copy (select 1) to '$DIR/observability_logs/x.parquet'",
    "explain analyze copy (select 1) to '$DIR/observability_logs/x.parquet'",
    "explain /**/ analyze copy (select 1) to '$DIR/observability_logs/x.parquet'",
    "/**/explain analyze copy (select 1) to '$DIR/observability_logs/x.parquet'",
    "explain (analyze) copy (select 1) to '$DIR/observability_logs/x.parquet'",
    "select * from read_text('/etc/passwd')",
    "select * from '/etc/passwd'",
    "select * from read_csv('$DIR/secret.csv')",
    "select * from read_text('$DIR/observability_logs/../secret.csv')",
    "select * from glob('/*')",
    "select * from read_parquet('https://example.org/x.parquet')",
    "attach '$DIR/x.db'",
    'install httpfs',
    "load '/tmp/x.duckdb_extension'",
    'set enable_external_access = true',
    "set allowed_directories = ['/']",
    'set threads = 64',
    'reset lock_configuration',
    "pragma memory_limit = '100GB'",
    'drop view observability_logs',
    'create table x as select 1',
    'delete from empty.observability_logs',
    'insert into empty.observability_logs (message) values (1)',
    "export database '$DIR/x'",
    'call pragma_version()',
    'select 1; drop view observability_logs',
    '',
    '  ',
    ';',
    '--',
    'selec 1',
    'select * from nothing',
    'select ?',
    "select getenv('HOME')",
  ])('%s is refused', async (sql) => {
    writeFileSync(join(dir, 'secret.csv'), 'secret');
    await fill();
    await expect(reader.query(sql.replaceAll('$DIR', dir))).rejects.toMatchObject({ code: 'bad_query' });
    for (const made of ['x.csv', 'x.db', 'x', 'observability_logs/x.parquet']) {
      expect(existsSync(join(dir, made))).toBe(false);
    }
    expect((await reader.query('select count(*) from observability_logs')).rows).toEqual([[1]]);
  });

  it('is interrupted after its time', async () => {
    await expect(reader.query(endless, { timeoutMs: 100 })).rejects.toMatchObject({ code: 'query_timeout' });
    expect((await reader.query('select 1')).rows).toEqual([[1]]);
  });

  it('cannot use up the memory', async () => {
    const small = await openLakeReader({ dir, memoryLimit: '64MB' });
    const large = 'select list(a.range || b.range::varchar) from range(100000) a, range(1000) b';
    await expect(small.query(large)).rejects.toMatchObject({
      code: 'bad_query',
      message: expect.stringMatching(/out of memory/i) as string,
    });
    expect((await small.query('select 1')).rows).toEqual([[1]]);
    await small.close();
  });

  it('waits its turn, up to a bound', async () => {
    const queries = Array.from({ length: 36 }, () => reader.query(endless, { timeoutMs: 300 }));
    const codes = (await Promise.allSettled(queries)).map((result) =>
      result.status === 'rejected' ? codeOf(result.reason) : 'done',
    );
    expect(codes.sort()).toEqual([
      ...Array<string>(2).fill('query_busy'),
      ...Array<string>(34).fill('query_timeout'),
    ]);
  });
});

describe('a reader', () => {
  it.each(['a[1]', 'b*c', 'd?e', "k'l", 'f{g,h}', 'ü %20', 'o=p'])(
    'reads a lake whose folder is called %s',
    async (name) => {
      const odd = join(dir, name);
      const lake = await openLake({ dir: odd });
      await lake.append([logInput(1)]);
      await lake.close();
      const other = await openLakeReader({ dir: odd });
      expect((await other.query('select message, service from observability_logs')).rows).toEqual([
        ['line 1', 'chat'],
      ]);
      await other.close();
    },
  );

  it('of a folder that does not exist says so', async () => {
    await expect(openLakeReader({ dir: join(dir, 'none') })).rejects.toMatchObject({
      code: 'lake_not_found',
    });
  });

  it('interrupts what runs when it is closed', async () => {
    const running = reader.query(endless);
    const ended = expect(running).rejects.toMatchObject({ code: 'reader_closed' });
    await reader.close();
    await ended;
    await expect(reader.query('select 1')).rejects.toMatchObject({ code: 'reader_closed' });
  });
});

/** The code; of an unexpected error its message too. */
function codeOf(error: unknown): string {
  const { code, message } = error as { code: string; message: string };
  return code.startsWith('query_') ? code : `${code}: ${message}`;
}
