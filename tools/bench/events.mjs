// From `emit` to the broker, beside kafkajs alone; and what `emit` costs whoever calls it.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { EventEmitter, eventHeaders, toRecord } from '@unhinged/events';
import { Journal, journalTransport } from '@unhinged/events/journal';
import { forwardToKafka } from '@unhinged/events/kafka';
import { buildLogEvent, Sequence } from '@unhinged/observability-core';
import kafkajs from 'kafkajs';
import { compress } from 'snappyjs';

import { start } from '../servers/kafka.mjs';

const EVENTS = 40_000;
/** Events in one send, as `forwardToKafka` makes them. */
const BATCH = 1_024;
const ROUNDS = 3;

const context = { sequence: new Sequence() };
const resource = {
  serviceName: 'bench',
  serviceVersion: '1.0.0',
  deploymentEnvironment: 'production',
  attributes: { 'host.name': 'bench-1', 'process.pid': '4711' },
};
const event = (n) =>
  buildLogEvent(
    {
      ...{
        level: 'info',
        message: `order ${n} placed`,
        resource,
        metadata: { orderId: `o-${n}`, total: n * 0.5 },
      },
      traceContext: { traceId: (n % 1_000).toString(16).padStart(32, '1'), spanId: '1'.repeat(16) },
    },
    context,
  );
const events = Array.from({ length: EVENTS }, (_, n) => event(n));

/** Events a second through emitter, journal and forwarding. */
async function ours(brokers) {
  const dir = mkdtempSync(join(tmpdir(), 'events-bench-'));
  const journal = await Journal.open({ dir });
  const emitter = new EventEmitter({ transport: journalTransport(journal), maxQueued: 20_000 });
  const forwarding = forwardToKafka(journal, { brokers });
  const begun = performance.now();
  for (let n = 0; n < EVENTS; n += BATCH) {
    const emitted = events.slice(n, n + BATCH).map((each) => emitter.emit('observability.log_entry', each));
    // A producer that waits for its batch to be durable, as a request handler does.
    await Promise.all(emitted);
  }
  if (!(await forwarding.flush(120_000))) throw new Error('Kafka did not take the events');
  const rate = EVENTS / ((performance.now() - begun) / 1_000);
  await forwarding.stop();
  await emitter.close();
  await journal.close();
  rmSync(dir, { recursive: true });
  return rate;
}

/** Events a second by kafkajs alone: the same records, encoded before, one send after the other. */
async function plain(brokers) {
  const { Kafka, Partitioners, CompressionTypes, CompressionCodecs, logLevel } = kafkajs;
  CompressionCodecs[CompressionTypes.Snappy] ??= () => ({
    compress: (encoder) => Promise.resolve(compress(encoder.buffer)),
  });
  const kafka = new Kafka({ brokers, logLevel: logLevel.NOTHING });
  const producer = kafka.producer({
    createPartitioner: Partitioners.DefaultPartitioner,
    maxInFlightRequests: 1,
  });
  await producer.connect();
  const messages = events.map((each) => {
    const record = toRecord('observability.log_entry', each);
    return { key: record.key, value: Buffer.from(record.value), headers: eventHeaders(record) };
  });
  const begun = performance.now();
  for (let n = 0; n < EVENTS; n += BATCH) {
    await producer.sendBatch({
      acks: -1,
      compression: CompressionTypes.Snappy,
      topicMessages: [{ topic: 'observability.logs', messages: messages.slice(n, n + BATCH) }],
    });
  }
  const rate = EVENTS / ((performance.now() - begun) / 1_000);
  await producer.disconnect();
  return rate;
}

/** Microseconds of CPU for one `emit` that nobody waits for, up to its return. */
export async function emitCost() {
  const emitter = new EventEmitter({
    transport: {
      connect: () => Promise.resolve(),
      sendBatch: (records) => Promise.resolve(records.map(() => ({}))),
      close: () => Promise.resolve(),
    },
  });
  const costs = [];
  for (let round = 0; round < 40; round++) {
    const begun = process.cpuUsage();
    for (let n = 0; n < 5_000; n++) void emitter.emit('observability.log_entry', events[n]);
    const { user, system } = process.cpuUsage(begun);
    costs.push((user + system) / 5_000);
    await emitter.flush();
  }
  await emitter.close();
  return median(costs.slice(10));
}

const median = (values) => values.sort((a, b) => a - b)[Math.floor(values.length / 2)];

/** @returns {Promise<object[]>} figures */
export async function measure() {
  const cost = await emitCost();
  const broker = await start();
  try {
    const brokers = [`127.0.0.1:${broker.port}`];
    // Makes the topic, and warms up both sides.
    await ours(brokers);
    await plain(brokers);
    const [own, peers] = [[], []];
    for (let round = 0; round < ROUNDS; round++) {
      own.push(await ours(brokers));
      peers.push(await plain(brokers));
    }
    const value = median(own);
    const peerValue = median(peers);
    const ratio = value / peerValue;
    return [
      {
        name: 'events.emit_to_broker',
        value,
        unit: 'events/s',
        peer: 'kafkajs sendBatch of the same records in the same batches',
        peerValue,
        ratio,
        goal: '>= 0.9 of the peer',
        met: ratio >= 0.9,
      },
      {
        name: 'events.emit_cpu',
        value: cost,
        unit: 'µs of CPU, not waited for',
        goal: '<= 2',
        met: cost <= 2,
      },
    ];
  } finally {
    await broker.stop();
  }
}
