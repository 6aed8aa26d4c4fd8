import { CDCObservabilityIntegration, EventEmitter } from '@unhinged/events';
import { type KafkaOptions, kafkaTransport } from '@unhinged/events/kafka';
import kafkajs from 'kafkajs';

import { type KafkaServer, start } from '../servers/kafka.mjs';
import { plainKafka, readAll } from './support/kafka.js';

const user = 'shop';
const password = 'correct-horse';

let broker: KafkaServer;
beforeAll(async () => {
  broker = await start({ secure: { user, password } });
}, 120_000);
afterAll(() => broker.stop());

const at = (port: number | undefined) => [`127.0.0.1:${String(port)}`];

/** Emits one event; what went wrong comes back, and everything that was said about it. */
async function emitOne(message: string, options: KafkaOptions, giveUpMs: number) {
  const troubles: unknown[] = [];
  const transport = kafkaTransport({ ...options, giveUpMs, onTrouble: (trouble) => troubles.push(trouble) });
  const emitter = new EventEmitter({ transport });
  const cdc = new CDCObservabilityIntegration(emitter);
  const code = await cdc
    .emitLogEvent({ level: 'info', service: 'secure', message })
    .then(() => 'delivered')
    .catch((error: unknown) => (error as { code?: string }).code);
  await emitter.close();
  return { code, said: troubles.map((trouble) => JSON.stringify(trouble) + String(trouble)).join('\n') };
}

test('SASL/PLAIN: with the right password events arrive, with a wrong one none do, and no password is told', async () => {
  const sasl = (secret: string): KafkaOptions => ({
    brokers: at(broker.saslPort),
    sasl: { mechanism: 'plain', username: user, password: secret },
  });
  expect((await emitOne('plain', sasl(password), 60_000)).code).toBe('delivered');
  const refused = await emitOne('wrong password', sasl('wrong-horse'), 3_000);
  expect(refused.code).toBe('kafka_unavailable');
  expect(refused.said).toContain('uthentication');
  expect(refused.said).not.toContain('wrong-horse');
  const stored = await readAll(broker.port, ['observability.logs']);
  expect(stored.map(({ value }) => value.toString()).join()).not.toContain('wrong password');
}, 180_000);

test('TLS with SASL/SCRAM: events arrive when the certificate is trusted, and never when it is not', async () => {
  const tls = (ssl: KafkaOptions['ssl']): KafkaOptions => ({
    brokers: at(broker.tlsPort),
    sasl: { mechanism: 'scram-sha-512', username: user, password },
    ...(ssl !== undefined && { ssl }),
  });
  expect((await emitOne('tls', tls({ ca: [broker.ca ?? ''] }), 60_000)).code).toBe('delivered');
  const untrusted = await emitOne('untrusted', tls(true), 3_000);
  expect(untrusted.code).toBe('kafka_unavailable');
  expect(untrusted.said).toMatch(/self.signed certificate/);
}, 180_000);

test('topics that are missing are made with 6 partitions, 7 days and as many replicas as there are brokers, or as told; false: not made', async () => {
  const admin = plainKafka(broker.port).admin();
  await admin.connect();
  try {
    await admin.deleteTopics({ topics: await admin.listTopics() });
    const options = { brokers: at(broker.port) };
    const none = await emitOne(
      'nobody made it',
      { ...options, createTopics: false, requestTimeoutMs: 1_000 },
      3_000,
    );
    expect(none.code).toBe('kafka_unavailable');
    expect(await admin.listTopics()).not.toContain('observability.logs');
    expect((await emitOne('made', options, 60_000)).code).toBe('delivered');
    const describe = async () => {
      const { topics } = await admin.fetchTopicMetadata({ topics: ['observability.logs'] });
      const { resources } = await admin.describeConfigs({
        includeSynonyms: false,
        resources: [{ type: kafkajs.ConfigResourceTypes.TOPIC, name: 'observability.logs' }],
      });
      const config = Object.fromEntries(
        resources[0]?.configEntries.map(({ configName, configValue }) => [configName, configValue]) ?? [],
      );
      const partitions = topics[0]?.partitions ?? [];
      return {
        partitions: partitions.length,
        replicas: partitions[0]?.replicas.length,
        retention: config['retention.ms'],
        insync: config['min.insync.replicas'],
      };
    };
    expect(await describe()).toEqual({ partitions: 6, replicas: 1, retention: '604800000', insync: '1' });
    await admin.deleteTopics({ topics: ['observability.logs'] });
    const own = { partitions: 2, retentionMs: 3_600_000 };
    expect((await emitOne('made otherwise', { ...options, createTopics: own }, 60_000)).code).toBe(
      'delivered',
    );
    expect(await describe()).toMatchObject({ partitions: 2, retention: '3600000' });
  } finally {
    await admin.disconnect();
  }
}, 180_000);
