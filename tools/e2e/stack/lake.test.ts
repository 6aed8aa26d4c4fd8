import { spawnSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';

import { DuckDBInstance } from '@duckdb/node-api';
import { EventEmitter } from '@unhinged/events';
import { EventConsumer, kafkaTransport } from '@unhinged/events/kafka';
import { buildLogEvent, Sequence } from '@unhinged/observability-core';
import { openLake, openLakeReader } from '@unhinged/observability-lake';

import { plainKafka, readAll } from '../support/kafka.js';
import { getJson, postJson, temporaryFolder } from '../support/system.js';
import { type RunningStack, startStack, withPatience } from './running-stack.js';

const app = fileURLToPath(new URL('../fixtures/answer-with-errors.mjs', import.meta.url));
/** Starting a cluster takes a minute or two where others want the processor, too. */
const PATIENCE_MS = 900_000;
const TABLES = ['observability_traces', 'observability_logs', 'observability_metrics'] as const;
/** Requests that the app with our SDK answers. */
const ANSWERED = 40;
/** One that no folder can have as it is. */
const SERVICE = 'shop & co/ö';
const POISON = Buffer.from('not protobuf');

interface RedWindow {
  startMs: number;
  service: string;
  operation?: string;
  requests: number;
  revision: number;
}

/** Until stopped, ten times a second: a request, a line and a point to the Collector, and an event of ours, sent twice, to Kafka. */
function keepSending(collector: string, brokers: string[], service = SERVICE) {
  const emitter = new EventEmitter({ transport: kafkaTransport({ brokers }), maxQueued: 100_000 });
  const sequence = new Sequence();
  const lines: string[] = [];
  const requests: string[] = [];
  const ended = new AbortController();
  const typed = async (): Promise<void> => {
    const message = randomBytes(8).toString('hex');
    const resource = { serviceName: 'typed', serviceVersion: '', deploymentEnvironment: '', attributes: {} };
    const event = buildLogEvent({ level: 'info', message, resource }, { sequence });
    await Promise.all([
      emitter.emit('observability.log_entry', event),
      emitter.emit('observability.log_entry', event),
    ]);
    lines.push(message);
  };
  const otlp = async (): Promise<void> => {
    const traceId = randomBytes(16).toString('hex');
    const now = String(BigInt(Date.now()) * 1_000_000n);
    const resource = { attributes: [{ key: 'service.name', value: { stringValue: service } }] };
    const span = { traceId, spanId: traceId.slice(16), name: 'GET /', kind: 2, traceState: 'ot=th:0' };
    const point = { timeUnixNano: now, asDouble: lines.length };
    const bodies = {
      traces: {
        resourceSpans: [
          { resource, scopeSpans: [{ spans: [{ ...span, startTimeUnixNano: now, endTimeUnixNano: now }] }] },
        ],
      },
      logs: {
        resourceLogs: [
          {
            resource,
            scopeLogs: [{ logRecords: [{ traceId, timeUnixNano: now, body: { stringValue: traceId } }] }],
          },
        ],
      },
      metrics: {
        resourceMetrics: [
          { resource, scopeMetrics: [{ metrics: [{ name: traceId, gauge: { dataPoints: [point] } }] }] },
        ],
      },
    };
    await Promise.all(
      Object.entries(bodies).map(([signal, body]) => postJson(`${collector}/v1/${signal}`, body)),
    );
    requests.push(traceId);
  };
  const loop = (async () => {
    const sent: Promise<void>[] = [];
    while (!ended.signal.aborted) {
      sent.push(typed(), otlp());
      await sleep(100);
    }
    await Promise.all(sent);
  })();
  let stopped: Promise<void> | undefined;
  const stop = async (): Promise<void> => {
    ended.abort();
    await loop;
    await emitter.close();
  };
  return { requests, lines, stop: () => (stopped ??= stop()) };
}

/** Everything, errors most of all, is exported at once. */
const sdkEnvironment = (collector: string): NodeJS.ProcessEnv => ({
  ...process.env,
  NODE_OPTIONS: '',
  OTEL_SERVICE_NAME: 'sdk',
  OTEL_EXPORTER_OTLP_ENDPOINT: collector,
  OTEL_EXPORTER_OTLP_PROTOCOL: 'http/protobuf',
  LOG_FLAGS: 'DL',
});

/** Our lake of one machine, fed from the same topics: what the job's lake has to be equal to. */
async function startReference(brokers: string[]) {
  const folder = temporaryFolder();
  const lake = await openLake({ dir: folder.path, flushMs: 500 });
  let sequence = 0;
  const consumer = new EventConsumer({
    brokers,
    groupId: 'reference',
    sink: {
      restore: () => Promise.resolve({ progress: undefined, recentIds: [] }),
      store: ({ records }) =>
        lake.append(records.map(({ eventType, value }) => ({ sequence: ++sequence, eventType, value }))),
    },
  });
  await consumer.start();
  let stopped: Promise<void> | undefined;
  const stop = async (): Promise<void> => {
    await consumer.stop();
    await lake.close();
  };
  return { dir: folder.path, consumer, stop: () => (stopped ??= stop()), remove: folder.remove };
}

/** Rows of a query over a lake; the reader is our own, also for the lake that the job fills. */
async function rowsOf(dir: string, sql: string): Promise<unknown[][]> {
  const reader = await openLakeReader({ dir });
  try {
    return (await reader.query(sql, { maxRows: 10_000 })).rows;
  } finally {
    await reader.close();
  }
}

/** Rows of traces, logs and metrics. A file that is not whole would be an error. */
async function counted(dir: string): Promise<readonly number[]> {
  const counts = TABLES.map((table) => `(select count(*) from ${table})`);
  const [row = []] = await rowsOf(dir, `select ${counts.join(', ')}`);
  return row.map(Number);
}

/** Columns, types and rows that one of the lakes has and the other has not, read by DuckDB alone. */
async function differences(one: string, other: string): Promise<unknown[]> {
  const instance = await DuckDBInstance.create(':memory:');
  const connection = await instance.connect();
  const found: unknown[] = [];
  for (const name of TABLES) {
    const [ours, theirs] = [one, other].map(
      (dir) =>
        `(from read_parquet('${dir}/${name}/*/*/*/*.parquet', hive_partitioning = true, hive_types_autocast = false))`,
    );
    for (const [left, right] of [
      [ours, theirs],
      [theirs, ours],
      [
        `(select column_name, column_type from (describe ${String(ours)}))`,
        `(select column_name, column_type from (describe ${String(theirs)}))`,
      ],
    ]) {
      const rows = await connection.runAndReadAll(
        `from ${String(left)} except all from ${String(right)} limit 3`,
      );
      found.push(...rows.getRowObjectsJson());
    }
  }
  connection.closeSync();
  instance.closeSync();
  return found;
}

describe('the Flink job fills the object store from Kafka', () => {
  let stack: RunningStack;
  let brokers: string[];
  let reference: Awaited<ReturnType<typeof startReference>>;
  let sending: ReturnType<typeof keepSending>;
  /** Of the bucket, whose objects are files. */
  let lakeDir: string;

  beforeAll(async () => {
    stack = await startStack(['s3', 'kafka', 'collector', 'prometheus', 'flink'], {
      FLINK_PARALLELISM: '2',
      FLINK_CHECKPOINT_INTERVAL: '3s',
    });
    brokers = [`127.0.0.1:${String(stack.port('kafka', 'broker'))}`];
    lakeDir = join(stack.status()['s3']?.log ?? '', '../../s3/data/unhinged-data-lake/observability');
    reference = await startReference(brokers);
    sending = keepSending(stack.url('collector', 'http'), brokers);
  }, PATIENCE_MS);
  afterAll(async () => {
    await sending.stop();
    await reference.stop();
    reference.remove();
    await stack.stop();
  });

  /** Resolves with the counts when each table has more rows than `than`. */
  const grown = (what: string, than: readonly number[]): Promise<readonly number[]> =>
    withPatience(what, 5, async () => {
      const counts = await counted(lakeDir);
      if (counts.every((count, index) => count > (than[index] ?? 0))) return counts;
      await sleep(1_000);
      return undefined;
    });

  test(
    'while telemetry comes in, a task manager and then the whole cluster are killed and started again',
    async () => {
      const producer = plainKafka(stack.port('kafka', 'broker')).producer();
      await producer.connect();
      await producer.send({ topic: 'observability.traces', messages: [{ key: 'k', value: POISON }] });
      await producer.disconnect();
      const first = await grown('the first rows', [0, 0, 0]);
      await stack.kill('flink-taskmanager');
      await stack.up(['flink-taskmanager']);
      const second = await grown('rows after a task manager was killed', first);
      await stack.kill('flink');
      await stack.up(['flink']);
      await grown('rows after the whole cluster was killed', second);
    },
    PATIENCE_MS,
  );

  test(
    'every event is in the store exactly once, in the rows that our own lake has',
    async () => {
      const sdk = spawnSync(
        process.execPath,
        ['--import', '@unhinged/observability-node/register', app, String(ANSWERED)],
        { cwd: dirname(app), encoding: 'utf8', env: sdkEnvironment(stack.url('collector', 'http')) },
      );
      expect(sdk).toMatchObject({ status: 0 });
      await sending.stop();
      const { requests, lines } = sending;
      // The Collector is done when all that was sent has arrived; then our own lake is complete when it has read all there is.
      await withPatience('all spans and lines in our own lake', 3, async () => {
        const [traces = 0, logs = 0, metrics = 0] = await counted(reference.dir);
        const isThere =
          traces >= requests.length + 2 * ANSWERED &&
          logs >= requests.length + lines.length + ANSWERED &&
          metrics > requests.length;
        if (!isThere) await sleep(1_000);
        return isThere ? true : undefined;
      });
      expect(await reference.consumer.caughtUp(60_000)).toBe(true);
      await reference.stop();
      const expected = await counted(reference.dir);
      await withPatience('as many rows in the store', 5, async () => {
        const isThere = (await counted(lakeDir)).every((count, index) => count >= (expected[index] ?? 0));
        if (!isThere) await sleep(1_000);
        return isThere ? true : undefined;
      });
      expect(await differences(lakeDir, reference.dir)).toEqual([]);

      // And neither of the two has left anything out.
      const messages = await rowsOf(
        lakeDir,
        `select message from observability_logs where service = 'typed' order by 1`,
      );
      expect(messages.flat()).toEqual([...lines].sort());
      const traces = await rowsOf(
        lakeDir,
        `select trace_id from observability_traces where service = '${SERVICE}' order by 1`,
      );
      expect(traces.flat()).toEqual([...requests].sort());
      const ofSdk = await rowsOf(
        lakeDir,
        `select (select count(*) from observability_traces where service = 'sdk' and status_code = 'error'),
           (select count(*) from observability_logs where service = 'sdk' and error_message = 'of the test' and trace_id <> '')`,
      );
      expect(ofSdk).toEqual([[2 * ANSWERED, ANSWERED]]);
    },
    PATIENCE_MS,
  );

  test('a record that holds nothing is in the dead-letter topic, with where it was', async () => {
    const letters = await readAll(stack.port('kafka', 'broker'), ['observability.dlq']);
    const [letter] = letters.filter(({ headers }) => headers['x-dlq-offset'] !== undefined);
    expect(letter).toMatchObject({
      key: 'k',
      value: POISON,
      headers: { 'x-dlq-topic': 'observability.traces', 'x-dlq-reason': 'undecodable' },
    });
  });

  test('the windows of a service, each in its last revision, have all its requests', async () => {
    const collector = stack.url('collector', 'http');
    // Time goes on only with requests.
    const ending = keepSending(collector, brokers, 'another');
    try {
      await withPatience('all requests in windows', 4, async () => {
        const windows = new Map<number, RedWindow>();
        for (const { value } of await readAll(stack.port('kafka', 'broker'), ['observability.aggregates'])) {
          const window = JSON.parse(value.toString()) as RedWindow;
          if (window.service !== SERVICE || window.operation !== undefined) continue;
          const known = windows.get(window.startMs);
          if (known === undefined || known.revision <= window.revision) windows.set(window.startMs, window);
        }
        const sum = [...windows.values()].reduce((all, { requests }) => all + requests, 0);
        expect(sum).toBeLessThanOrEqual(sending.requests.length);
        if (sum < sending.requests.length) await sleep(1_000);
        return sum === sending.requests.length ? true : undefined;
      });
    } finally {
      await ending.stop();
    }
  });

  test('every panel of the Flink dashboard shows what has happened', async () => {
    // Once more of all that leaves no row: its counters began anew with the cluster.
    const messages = JSON.parse(
      readFileSync(new URL('../../../packages/events/vectors/messages.json', import.meta.url), 'utf8'),
    ) as { topic: string; value: string; headers: Record<string, string> }[];
    const producer = plainKafka(stack.port('kafka', 'broker')).producer();
    await producer.connect();
    for (const { topic, value, headers } of messages)
      await producer.send({ topic, messages: [{ value: Buffer.from(value, 'hex'), headers }] });
    await producer.disconnect();
    const { panels } = JSON.parse(
      readFileSync(new URL('../../../docker/grafana/dashboards/flink.json', import.meta.url), 'utf8'),
    ) as { panels: { title: string; targets: { expr: string; legendFormat: string }[] }[] };
    const isEmpty = async (expr: string): Promise<boolean> => {
      const url = `${stack.url('prometheus', 'http')}/api/v1/query?query=${encodeURIComponent(expr)}`;
      return (await getJson<{ data: { result: unknown[] } }>(url)).data.result.length === 0;
    };
    const queries = panels.flatMap(({ title, targets }) =>
      targets.map(({ expr, legendFormat }) => ({ what: `${title}: ${legendFormat}`, expr })),
    );
    expect(queries.length).toBeGreaterThan(10);
    let empty: string[] = [];
    await withPatience('every panel', 3, async () => {
      empty = [];
      for (const { what, expr } of queries) if (await isEmpty(expr)) empty.push(what);
      if (empty.length > 0) await sleep(1_000);
      return empty.length === 0 ? true : undefined;
    }).catch(() => undefined);
    expect(empty).toEqual([]);
  });

  test('of the checkpoints only those are kept that are needed', () => {
    const checkpoints = readdirSync(join(lakeDir, '../../unhinged-checkpoints'), { recursive: true });
    const whole = checkpoints.filter((file) => String(file).endsWith('_metadata'));
    expect(whole.length).toBeLessThanOrEqual(2);
  });
});
