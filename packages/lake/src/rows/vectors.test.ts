import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { LogEvent, MetricEvent, TraceEvent } from '@unhinged/observability-proto';
import { TABLES } from '../schema.js';
import { eventRows } from './event-rows.js';

// What the Flink job (packages/jvm/flink) holds itself to: it reads the columns from the one file and makes the rows of the other.
// After a change that is meant: UPDATE_VECTORS=1, and read the diff.
const folder = new URL('../../vectors/', import.meta.url);
const golden = new URL('../../../../proto/vectors/', import.meta.url);

/** Compares with the file, or writes it. */
function expectFile(name: string, content: string): void {
  const file = new URL(name, folder);
  if (process.env['UPDATE_VECTORS']) writeFileSync(file, content);
  expect(content).toBe(readFileSync(file, 'utf8'));
}

test('the columns of the tables are those of vectors/tables.tsv', () => {
  const lines = Object.entries(TABLES).flatMap(([table, columns]) =>
    columns.map(({ name, type }) => `${table}\t${name}\t${type}\n`),
  );
  expectFile('tables.tsv', lines.join(''));
});

const kinds = [
  ['trace-event', 'span', TraceEvent],
  ['log-event', 'log_entry', LogEvent],
  ['metric-event', 'metric', MetricEvent],
] as const;

/** Names that a folder can have only in another form. */
const services: Readonly<Record<string, string>> = { full: 'ö'.repeat(300), empty: '', minimal: 'NULL' };

/** Every golden vector of the wire format, as it is and meant for the lake. */
function inputs(): { name: string; eventType: string; value: Uint8Array }[] {
  return kinds.flatMap(([kind, eventType, codec]) =>
    readdirSync(new URL(kind, golden))
      .filter((file) => file.endsWith('.hex'))
      .flatMap((file) => {
        const text = readFileSync(new URL(`${kind}/${file}`, golden), 'utf8');
        const value = Buffer.from(text.replaceAll(/\s/g, ''), 'hex');
        const event = codec.decode(value);
        const name = file.replace('.hex', '');
        const resource = { ...event.resource, serviceName: services[name] ?? 'a=b/ö c' };
        const forLake = { ...event, destinations: { dataLake: true }, resource };
        return [
          { name: `${kind}/${name}`, eventType, value },
          {
            name: `${kind}/${name} for the lake`,
            eventType,
            // One of the three, and its own codec.
            value: codec.encode(codec.fromPartial(forLake) as never).finish(),
          },
        ];
      }),
  );
}

test('the rows of the golden events are those of vectors/rows.json', () => {
  const vectors = inputs().map(({ name, eventType, value }) => {
    const rows = eventRows(eventType, value);
    const result = typeof rows === 'string' ? { skipped: rows } : { table: rows.table, rows: rows.rows };
    return { name, eventType, value: Buffer.from(value).toString('hex'), ...result };
  });
  const tables = new Set(vectors.map((vector) => ('table' in vector ? vector.table : '')));
  expect(tables.size).toBe(4);
  expectFile('rows.json', `${JSON.stringify(vectors, null, 1)}\n`);
});
