import { CDCObservabilityIntegration, EventEmitter } from '@unhinged/events';
import { kafkaTransport } from '@unhinged/events/kafka';

import { useBroker } from './support/kafka.js';
import {
  eventually,
  getJson,
  postJson,
  type Running,
  startCommand,
  temporaryFolder,
} from './support/system.js';

let broker: Awaited<ReturnType<typeof useBroker>>;
const folder = temporaryFolder();
let bridge: Running | undefined;

beforeAll(async () => {
  broker = await useBroker();
}, 120_000);
afterAll(async () => {
  await bridge?.end('SIGTERM');
  await broker.end();
  folder.remove();
});

interface Addresses {
  urls: { console: string; prometheus: string };
}

/** `unhinged up` on any ports, reading the broker. */
async function up(env: NodeJS.ProcessEnv): Promise<Addresses> {
  const ports = ['grpc', 'http', 'prometheus', 'console'].flatMap((name) => [`--${name}-port`, '0']);
  bridge = await startCommand(['up', '--data', folder.path, '--json', '--flush-interval', '1', ...ports], {
    env,
  });
  const line = bridge
    .output()
    .split('\n')
    .find((each) => each.startsWith('{'));
  return JSON.parse(line ?? '') as Addresses;
}

/** Errors: of other lines the lake takes a sample. */
async function emit(messages: readonly string[]): Promise<void> {
  const emitter = new EventEmitter({ transport: kafkaTransport({ brokers: broker.brokers }) });
  const cdc = new CDCObservabilityIntegration(emitter);
  await Promise.all(
    messages.map((message) => cdc.emitLogEvent({ level: 'error', service: 'shop', message })),
  );
  await emitter.close();
}

const messagesIn = async ({ urls }: Addresses): Promise<unknown[]> => {
  await postJson(`${urls.console}/api/flush`, {});
  const sql = "select message from observability_logs where service = 'shop' order by message";
  const { rows } = (await postJson(`${urls.console}/api/query`, { sql })) as { rows: unknown[][] };
  return rows.flat();
};

const counter = async ({ urls }: Addresses, name: string): Promise<number> => {
  const { counters } = await getJson<{ counters: Record<string, number> }>(`${urls.console}/api/status`);
  return counters[name] ?? 0;
};

test('`unhinged up` reads the stream of KAFKA_BROKERS into its lake, each event once through kill -9 of itself and absence of the broker', async () => {
  const wanted = Array.from({ length: 200 }, (_, n) => `m${String(n).padStart(3, '0')}`);
  const env = { KAFKA_BROKERS: broker.brokers.join(',') };
  let running = await up(env);
  await emit(wanted.slice(0, 100));
  await eventually('the first hundred in the lake', async () =>
    (await messagesIn(running)).length >= 100 ? true : undefined,
  );
  await bridge?.end('SIGKILL');

  await emit(wanted.slice(100, 150));
  await broker.kill();
  // It starts without a broker, and says so.
  running = await up(env);
  await eventually('a failed attempt on the counter', async () =>
    (await counter(running, 'unhinged_kafka_errors_total')) > 0 ? true : undefined,
  );
  await broker.restart();
  await emit(wanted.slice(150));
  await eventually('all of them in the lake', async () =>
    (await messagesIn(running)).length >= wanted.length ? true : undefined,
  );
  expect(await messagesIn(running)).toEqual(wanted);
  await eventually('no lag', async () =>
    (await counter(running, 'unhinged_kafka_lag_records')) === 0 ? true : undefined,
  );
  expect(await counter(running, 'unhinged_kafka_events_total')).toBe(100);
  expect(await counter(running, 'unhinged_kafka_failing')).toBe(0);
  // A broker that is gone holds nobody back.
  await broker.kill();
  expect(await bridge?.end('SIGTERM')).toBe(0);
}, 180_000);
