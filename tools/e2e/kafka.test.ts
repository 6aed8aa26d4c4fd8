import { setTimeout as sleep } from 'node:timers/promises';

import { CDCObservabilityIntegration, EventEmitter } from '@unhinged/events';
import { Journal, journalTransport } from '@unhinged/events/journal';
import { forwardToKafka } from '@unhinged/events/kafka';
import kafkajs from 'kafkajs';

import { start } from '../servers/kafka.mjs';
import { eventually, temporaryFolder } from './support/system.js';

const { Kafka, logLevel } = kafkajs;
const traceIdOf = (n: number): string => (n + 1).toString(16).padStart(32, '0');

interface Stored {
  topic: string;
  key: string;
  id: string;
  headers: Record<string, string>;
  value: Buffer;
}

/** Everything in the topics of the stream, read by kafkajs alone, up to what is there now. */
async function readAll(port: number, topics: string[]): Promise<Stored[]> {
  const kafka = new Kafka({ brokers: [`127.0.0.1:${String(port)}`], logLevel: logLevel.NOTHING });
  const admin = kafka.admin();
  await admin.connect();
  let left = 0;
  for (const topic of topics) {
    for (const { high, low } of await admin.fetchTopicOffsets(topic)) left += Number(high) - Number(low);
  }
  await admin.disconnect();
  const found: Stored[] = [];
  const consumer = kafka.consumer({ groupId: `reader-${String(Math.random())}` });
  await consumer.connect();
  await consumer.subscribe({ topics, fromBeginning: true });
  await consumer.run({
    eachMessage: ({ topic, message: { key, value, headers = {} } }) => {
      const texts = Object.fromEntries(Object.entries(headers).map(([name, text]) => [name, String(text)]));
      const id = texts['ce_id'] ?? '';
      found.push({ topic, key: String(key), id, headers: texts, value: value ?? Buffer.alloc(0) });
      return Promise.resolve();
    },
  });
  await eventually(`${String(left)} records`, () => Promise.resolve(found.length >= left ? true : undefined));
  await consumer.disconnect();
  return found;
}

/** A broker whose folder and port stay when it is killed. */
async function useBroker() {
  const folder = temporaryFolder();
  let broker = await start({ dir: folder.path });
  const { port } = broker;
  return {
    port,
    brokers: [`127.0.0.1:${String(port)}`],
    kill: async () => {
      process.kill(broker.pid, 'SIGKILL');
      await broker.stop();
    },
    restart: async () => {
      broker = await start({ dir: folder.path, port });
    },
    end: async () => {
      await broker.stop();
      folder.remove();
    },
  };
}

describe('a journal in front of a real broker', () => {
  const KILLS = 20;
  test(`${String(KILLS)} times kill -9 of the broker at 5,000 events/s: 0 lost, none out of order, back within 10 s`, async () => {
    const broker = await useBroker();
    const folder = temporaryFolder();
    const journal = await Journal.open({ dir: folder.path });
    const emitter = new EventEmitter({ transport: journalTransport(journal), maxQueued: 100_000 });
    const cdc = new CDCObservabilityIntegration(emitter);
    const forwarding = forwardToKafka(journal, { brokers: broker.brokers, requestTimeoutMs: 5_000 });
    try {
      let emitted = 0;
      /** 5,000 events in a second. */
      const second = async (): Promise<void> => {
        for (let tick = 0; tick < 20; tick++) {
          const due = sleep(50);
          const group = Array.from({ length: 250 }, () =>
            cdc.emitLogEvent({
              level: 'info',
              service: 'load',
              message: 'load',
              traceId: traceIdOf(emitted++ % 100),
            }),
          );
          await Promise.all([...group, due]);
        }
      };
      const recoveries: number[] = [];
      for (let kill = 0; kill < KILLS; kill++) {
        const load = second();
        await sleep(500);
        await broker.kill();
        await load;
        const before = forwarding.stats().position;
        await broker.restart();
        const back = performance.now();
        await eventually('the stream goes on', () =>
          Promise.resolve(forwarding.stats().position > before ? true : undefined),
        );
        recoveries.push(performance.now() - back);
      }
      expect(await forwarding.flush(60_000)).toBe(true);
      expect(Math.max(...recoveries)).toBeLessThan(10_000);

      const stored = await readAll(broker.port, ['observability.logs']);
      const once = new Map<string, Stored>();
      for (const one of stored) if (!once.has(one.id)) once.set(one.id, one);
      expect(once.size).toBe(emitted);
      // What was sent again comes again; by their first arrival the events of a trace are in order.
      const last = new Map<string, number>();
      for (const { key, headers } of once.values()) {
        const sequence = Number(headers['x-seq']);
        expect(sequence).toBeGreaterThan(last.get(key) ?? 0);
        last.set(key, sequence);
      }
    } finally {
      await forwarding.stop();
      await emitter.close();
      await journal.close();
      folder.remove();
      await broker.end();
    }
  }, 600_000);
});
