import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';

import { CDCObservabilityIntegration, EventEmitter } from '@unhinged/events';
import { decodeRecord, Journal, journalTransport } from '@unhinged/events/journal';
import { EventConsumer, forwardToKafka, GAP_EVENT_NAME, journalSink, type Gap } from '@unhinged/events/kafka';
import { LogEvent, TraceEvent } from '@unhinged/observability-proto';
import { ExportTraceServiceRequest } from '@unhinged/observability-proto/otlp';
import {
  AggregationTemporality,
  InMemoryMetricExporter,
  MeterProvider,
  PeriodicExportingMetricReader,
} from '@opentelemetry/sdk-metrics';
import kafkajs from 'kafkajs';

import { plainKafka, readAll, useBroker } from './support/kafka.js';
import { eventually, temporaryFolder } from './support/system.js';

const program = fileURLToPath(new URL('fixtures/consume-until-killed.mjs', import.meta.url));
const traceIdOf = (n: number): string => (n + 1).toString(16).padStart(32, '0');

let broker: Awaited<ReturnType<typeof useBroker>>;
beforeAll(async () => {
  broker = await useBroker();
}, 120_000);
afterAll(() => broker.end());

/** A journal, and its end. */
async function useJournal() {
  const folder = temporaryFolder();
  const journal = await Journal.open({ dir: folder.path });
  return {
    journal,
    dir: folder.path,
    end: async () => {
      await journal.close();
      folder.remove();
    },
  };
}

/** Writes log events through a journal into Kafka. `skip` uses up numbers without an event. */
async function useEmitter() {
  const { journal, end } = await useJournal();
  const emitter = new EventEmitter({ transport: journalTransport(journal), maxQueued: 100_000 });
  const cdc = new CDCObservabilityIntegration(emitter);
  const forwarding = forwardToKafka(journal, { brokers: broker.brokers });
  return {
    emit: async (messages: string[]) => {
      const emitted = messages.map((message, n) =>
        cdc.emitLogEvent({ level: 'info', service: 'load', message, traceId: traceIdOf(n % 50) }),
      );
      await Promise.all(emitted);
      if (!(await forwarding.flush(60_000))) throw new Error('Kafka did not take the events in 60 s');
    },
    skip: (numbers: number) => {
      for (let n = 0; n < numbers; n++) emitter.sequence.next();
    },
    id: emitter.sequence.emitterId,
    end: async () => {
      await forwarding.stop();
      await emitter.close();
      await end();
    },
  };
}

async function storedIn(journal: Journal) {
  const records = [];
  for (let from = 1; ;) {
    const read = await journal.read({ from, maxRecords: 10_000 });
    const last = read.at(-1);
    if (last === undefined) return records;
    records.push(...read.map(({ payload }) => decodeRecord(payload)));
    from = last.sequence + 1;
  }
}

/** An export request as the Collector's Kafka exporter writes it with `encoding: otlp_proto`: no header, key by trace or none. */
async function sendOtlp(traceIds: string[]): Promise<void> {
  const spans = traceIds.map((id, n) => ({
    traceId: Buffer.from(id, 'hex'),
    spanId: Buffer.alloc(8, n + 1),
    name: `span ${String(n)}`,
    startTimeUnixNano: BigInt(Date.now()) * 1_000_000n,
  }));
  const request = ExportTraceServiceRequest.fromPartial({
    resourceSpans: [
      {
        resource: {
          attributes: [{ key: 'service.name', value: { value: { $case: 'stringValue', value: 'shop' } } }],
        },
        scopeSpans: [{ spans }],
      },
    ],
  });
  const producer = plainKafka(broker.port).producer({
    createPartitioner: kafkajs.Partitioners.DefaultPartitioner,
  });
  await producer.connect();
  await producer.send({
    topic: 'observability.traces',
    messages: [
      { key: traceIds[0] ?? null, value: Buffer.from(ExportTraceServiceRequest.encode(request).finish()) },
    ],
  });
  await producer.disconnect();
}

test('typed events and OTLP batches of the same topics are one stream, each event once, also read again from the beginning', async () => {
  const emitter = await useEmitter();
  const sink = await useJournal();
  const options = { brokers: broker.brokers, sink: journalSink(sink.journal) };
  try {
    await emitter.emit(Array.from({ length: 2_000 }, (_, n) => `m${String(n)}`));
    const first = new EventConsumer({ ...options, groupId: 'coherent' });
    await first.start();
    await sendOtlp([traceIdOf(1), traceIdOf(1), traceIdOf(2)]);
    expect(await first.caughtUp(60_000)).toBe(true);
    expect(first.stats()).toMatchObject({
      events: 2_003,
      duplicates: 0,
      lag: 0,
      gaps: { lost: 0, pending: 0, watched: true },
    });
    await first.stop();

    const records = await storedIn(sink.journal);
    const spans = records
      .filter(({ eventType }) => eventType === 'span')
      .map(({ value }) => TraceEvent.decode(value));
    expect(spans.map(({ traceContext, span }) => [traceContext?.traceId, span?.name])).toEqual([
      [traceIdOf(1), 'span 0'],
      [traceIdOf(1), 'span 1'],
      [traceIdOf(2), 'span 2'],
    ]);
    expect(spans[0]?.resource?.serviceName).toBe('shop');
    const logs = records
      .filter(({ eventType }) => eventType === 'log_entry')
      .map(({ value }) => LogEvent.decode(value));
    expect(new Set(logs.map(({ message }) => message)).size).toBe(2_000);

    // Another group has no offsets: the sink's word counts, and nothing is stored again.
    const second = new EventConsumer({ ...options, groupId: 'coherent-again' });
    await second.start();
    await emitter.emit(['one more']);
    expect(await second.caughtUp(60_000)).toBe(true);
    expect(second.stats()).toMatchObject({ events: 1, duplicates: 0 });
    await second.stop();
    expect(await storedIn(sink.journal)).toHaveLength(2_004);
  } finally {
    await emitter.end();
    await sink.end();
  }
}, 180_000);

/** A real meter, and what it shows: value and attributes of each metric. */
function useMeter() {
  const exporter = new InMemoryMetricExporter(AggregationTemporality.CUMULATIVE);
  const reader = new PeriodicExportingMetricReader({ exporter });
  const provider = new MeterProvider({ readers: [reader] });
  return {
    meter: provider.getMeter('test'),
    shown: async () => {
      const { resourceMetrics } = await reader.collect();
      const all = resourceMetrics.scopeMetrics.flatMap(({ metrics }) => metrics);
      return Object.fromEntries(
        all.map(({ descriptor, dataPoints }) => [
          descriptor.name,
          dataPoints.map(({ value, attributes }) => [value, attributes]),
        ]),
      );
    },
    end: () => provider.shutdown(),
  };
}

test('numbers that never come are counted, shown as a metric and told as an event, once all partitions are read', async () => {
  const emitter = await useEmitter();
  const sink = await useJournal();
  const gaps: Gap[] = [];
  const { meter, shown, end } = useMeter();
  const consumer = new EventConsumer({
    ...{ brokers: broker.brokers, groupId: 'gaps', sink: journalSink(sink.journal), gapGraceMs: 100 },
    ...{ onGap: (gap: Gap) => gaps.push(gap), meter },
  });
  try {
    await emitter.emit(['1', '2', '3']);
    emitter.skip(5);
    await emitter.emit(['9', '10']);
    await consumer.start();
    await eventually('the gap', () => Promise.resolve(gaps.length > 0 ? true : undefined));
    expect(gaps).toEqual([{ emitterId: emitter.id, first: 4, last: 8 }]);
    const { gaps: counted, events, duplicates } = consumer.stats();
    expect(counted).toEqual({ lost: 5, late: 0, pending: 0, watched: true });
    const attributes = { 'messaging.consumer.group.name': 'gaps' };
    expect(await shown()).toEqual({
      'unhinged.events.lost': [[5, attributes]],
      'unhinged.events.late': [[0, attributes]],
      'unhinged.events.missing': [[0, attributes]],
      'unhinged.events.consumed': [[events, attributes]],
      'unhinged.events.duplicates': [[duplicates, attributes]],
      'unhinged.events.lag': [[0, attributes]],
    });
    await consumer.stop();
    const told = (await storedIn(sink.journal))
      .filter(({ eventType }) => eventType === 'log_entry')
      .map(({ value }) => LogEvent.decode(value))
      .filter(({ eventName }) => eventName === GAP_EVENT_NAME);
    expect(told.map(({ metadata }) => metadata)).toEqual([
      { emitterId: emitter.id, first: 4, last: 8, missing: 5 },
    ]);
  } finally {
    await consumer.stop();
    await emitter.end();
    await sink.end();
    await end();
  }
}, 180_000);

test('a record that holds no event is in the dead-letter topic with the reason, what is around it is stored', async () => {
  const emitter = await useEmitter();
  const sink = await useJournal();
  const producer = plainKafka(broker.port).producer({
    createPartitioner: kafkajs.Partitioners.DefaultPartitioner,
  });
  const consumer = new EventConsumer({
    ...{ brokers: broker.brokers, groupId: 'poison', sink: journalSink(sink.journal) },
  });
  try {
    await emitter.emit(['before']);
    await producer.connect();
    await producer.send({ topic: 'observability.logs', messages: [{ key: 'bad', value: 'no protobuf' }] });
    await producer.disconnect();
    await emitter.emit(['after']);
    await consumer.start();
    expect(await consumer.caughtUp(60_000)).toBe(true);
    expect(consumer.stats().deadLettered).toEqual({ undecodable: 1 });
    const letters = await readAll(broker.port, ['observability.dlq']);
    expect(letters.map(({ key, headers }) => [key, headers['x-dlq-reason'], headers['x-dlq-topic']])).toEqual(
      [['bad', 'undecodable', 'observability.logs']],
    );
    const logs = (await storedIn(sink.journal)).map(({ value }) => LogEvent.decode(value).message);
    expect(logs).toEqual(expect.arrayContaining(['before', 'after']));
  } finally {
    await consumer.stop();
    await emitter.end();
    await sink.end();
  }
}, 180_000);

const KILLS = process.env['SOAK'] ? 20 : 4;
/** About as many as a consumer stores before it is killed: some batches of one fetch. */
const EVENTS_OF_A_KILL = 7_000;
test(`the consumer killed ${String(KILLS)} times while it stores ${String(KILLS * EVENTS_OF_A_KILL)} events: each is stored once`, async () => {
  const emitter = await useEmitter();
  const folder = temporaryFolder();
  try {
    const count = KILLS * EVENTS_OF_A_KILL;
    for (let from = 0; from < count; from += EVENTS_OF_A_KILL)
      await emitter.emit(Array.from({ length: EVENTS_OF_A_KILL }, (_, n) => `kill ${String(from + n)}`));
    for (let kill = 0; kill < KILLS; kill++) {
      const child = spawn(
        process.execPath,
        [program, broker.brokers.join(), folder.path, String(500 + (kill % 4) * 701)],
        {
          stdio: ['ignore', 'inherit', 'inherit'],
        },
      );
      const [, signal] = (await once(child, 'exit')) as [number | null, string | null];
      expect(signal).toBe('SIGKILL');
    }
    const journal = await Journal.open({ dir: folder.path, retainBytes: 512 * 1024 * 1024 });
    const consumer = new EventConsumer({
      ...{ brokers: broker.brokers, groupId: 'killed', sink: journalSink(journal), sessionTimeoutMs: 1_500 },
    });
    await consumer.start();
    expect(await consumer.caughtUp(90_000)).toBe(true);
    await consumer.stop();
    const stored = (await storedIn(journal))
      .filter(({ eventType }) => eventType === 'log_entry')
      .map(({ value }) => LogEvent.decode(value))
      .filter(({ message }) => message.startsWith('kill '));
    expect(stored).toHaveLength(count);
    expect(new Set(stored.map(({ message }) => message)).size).toBe(count);
    await journal.close();
  } finally {
    await emitter.end();
    folder.remove();
  }
}, 600_000);
