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

const EVENTS = 20_480;
/** Events in one send, as `forwardToKafka` makes them. */
const BATCH = 1_024;
const ROUNDS = 7;

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
      level: 'info',
      message: `order ${n} placed`,
      resource,
      metadata: { orderId: `o-${n}`, total: n * 0.5 },
      traceContext: { traceId: (n % 1_000).toString(16).padStart(32, '1'), spanId: '1'.repeat(16) },
    },
    context,
  );
const events = Array.from({ length: EVENTS }, (_, n) => event(n));

/**
 * Events a second and microseconds of CPU for one; `warm` has connected before.
 *
 * @param {() => Promise<void>} send all events, until the broker has them
 */
async function timed(send) {
  const cpu = process.cpuUsage();
  const begun = performance.now();
  await send();
  const seconds = (performance.now() - begun) / 1_000;
  const { user, system } = process.cpuUsage(cpu);
  return { rate: EVENTS / seconds, cpu: (user + system) / EVENTS };
}

/** Through emitter, journal and forwarding. */
export async function ours(brokers) {
  const dir = mkdtempSync(join(tmpdir(), 'events-bench-'));
  const journal = await Journal.open({ dir });
  const emitter = new EventEmitter({ transport: journalTransport(journal), maxQueued: EVENTS });
  const forwarding = forwardToKafka(journal, { brokers });
  const taken = async () => {
    if (!(await forwarding.flush(120_000))) throw new Error('Kafka did not take the events');
  };
  try {
    // Connected, as the peer is.
    await emitter.emit('observability.log_entry', events[0]);
    await taken();
    return await timed(async () => {
      for (let n = 0; n < EVENTS; n += BATCH) {
        const emitted = events
          .slice(n, n + BATCH)
          .map((each) => emitter.emit('observability.log_entry', each));
        // A producer that waits for its batch to be durable, as a request handler does.
        await Promise.all(emitted);
      }
      await taken();
    });
  } finally {
    await forwarding.stop();
    await emitter.close();
    await journal.close();
    rmSync(dir, { recursive: true });
  }
}

/** By kafkajs alone: the same records, encoded and with their headers before, one send after the other. */
export async function plain(brokers) {
  const { Kafka, Partitioners, CompressionTypes, CompressionCodecs, logLevel } = kafkajs;
  CompressionCodecs[CompressionTypes.Snappy] = () => ({
    compress: (encoder) => Promise.resolve(compress(encoder.buffer)),
  });
  const kafka = new Kafka({ brokers, logLevel: logLevel.NOTHING });
  const producer = kafka.producer({
    createPartitioner: Partitioners.DefaultPartitioner,
    maxInFlightRequests: 1,
  });
  await producer.connect();
  const send = (batch) =>
    producer.sendBatch({
      acks: -1,
      compression: CompressionTypes.Snappy,
      topicMessages: [{ topic: 'observability.logs', messages: batch }],
    });
  const messages = events.map((each) => {
    const record = toRecord('observability.log_entry', each);
    return { key: record.key, value: Buffer.from(record.value), headers: eventHeaders(record) };
  });
  try {
    await send(messages.slice(0, 1));
    return await timed(async () => {
      for (let n = 0; n < EVENTS; n += BATCH) await send(messages.slice(n, n + BATCH));
    });
  } finally {
    await producer.disconnect();
  }
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
    const ratioOf = (figure) => {
      const value = median(own.map(figure));
      const peerValue = median(peers.map(figure));
      return { value, peerValue, ratio: value / peerValue };
    };
    const rate = ratioOf((side) => side.rate);
    return [
      {
        name: 'events.emit_to_broker',
        unit: 'events/s',
        peer: 'kafkajs sendBatch of the same records in the same batches',
        ...rate,
        goal: '>= 0.9 of the peer',
        met: rate.ratio >= 0.9,
      },
      {
        name: 'events.emit_to_broker_cpu',
        unit: 'µs of CPU for an event: encoded, durable, sent',
        peer: 'kafkajs sendBatch of records that were encoded before',
        ...ratioOf((side) => side.cpu),
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
