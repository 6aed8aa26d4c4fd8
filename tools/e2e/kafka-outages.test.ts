import { spawn } from 'node:child_process';
import { createServer } from 'node:net';
import { createInterface } from 'node:readline';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';

import { CDCObservabilityIntegration, EventEmitter } from '@unhinged/events';
import { decodeRecord, Journal, journalTransport } from '@unhinged/events/journal';
import { EventConsumer, forwardToKafka, journalSink } from '@unhinged/events/kafka';
import { Envelope } from '@unhinged/observability-proto';

import { readAll, useBroker } from './support/kafka.js';
import { eventually, temporaryFolder } from './support/system.js';

const MIB = 1024 * 1024;
const soak = process.env['SOAK'] !== undefined;
const traceIdOf = (n: number): string => (n + 1).toString(16).padStart(32, '0');

const KILLS = soak ? 20 : 5;
test(`broker kill -9 at 5,000 events/s, ${String(KILLS)} times: 0 lost, 0 stored twice, none out of order, back within 10 s`, async () => {
  const broker = await useBroker();
  const folders = [temporaryFolder(), temporaryFolder()] as const;
  // All of the output is looked at in the end: what the sink is done with stays.
  const [journal, output] = await Promise.all(
    folders.map(({ path }) => Journal.open({ dir: path, retainBytes: 512 * MIB })),
  );
  if (!journal || !output) throw new Error('no journal');
  const emitter = new EventEmitter({ transport: journalTransport(journal), maxQueued: 100_000 });
  const cdc = new CDCObservabilityIntegration(emitter);
  const forwarding = forwardToKafka(journal, { brokers: broker.brokers, requestTimeoutMs: 5_000 });
  const consumer = new EventConsumer({
    ...{ brokers: broker.brokers, groupId: 'outages', sink: journalSink(output), gapGraceMs: 10_000 },
    sessionTimeoutMs: 3_000,
  });
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
  try {
    await consumer.start();
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
    expect(await consumer.caughtUp(120_000)).toBe(true);
    expect(consumer.stats()).toMatchObject({
      events: emitted,
      deadLettered: {},
      gaps: { lost: 0, pending: 0 },
    });

    const ids = new Set<string>();
    const last = new Map<string, bigint>();
    for (let from = 1; ;) {
      const records = await output.read({ from, maxRecords: 10_000 });
      for (const { payload } of records) {
        const { key, value } = decodeRecord(payload);
        const { eventId, sequenceNumber } = Envelope.decode(value);
        ids.add(eventId);
        if (sequenceNumber <= (last.get(key) ?? 0n))
          throw new Error(`${key}: ${String(sequenceNumber)} too late`);
        last.set(key, sequenceNumber);
      }
      const end = records.at(-1);
      if (end === undefined) break;
      from = end.sequence + 1;
    }
    expect(ids.size).toBe(emitted);
    expect(output.lastSequence).toBe(emitted);
  } finally {
    await consumer.stop();
    await forwarding.stop();
    await emitter.close();
    await Promise.all([journal.close(), output.close()]);
    for (const folder of folders) folder.remove();
    await broker.end();
  }
}, 900_000);

/** What the program says of itself, four times a second. */
interface Report {
  rss: number;
  bytes: number;
  acknowledged: number;
  refused: number;
  waiting: number;
  position: number;
}

/** Listens where the broker was and hangs up on whoever comes. */
async function countConnects(port: number) {
  let connects = 0;
  const server = createServer((socket) => {
    connects++;
    socket.destroy();
  });
  await new Promise<void>((resolve, reject) =>
    server.once('error', reject).listen(port, '127.0.0.1', resolve),
  );
  return {
    connects: () => connects,
    end: () => new Promise((resolve) => server.close(resolve)),
  };
}

const CAP = 16 * MIB;
const DOWN_S = soak ? 60 : 12;
test(`broker down for ${String(DOWN_S)} s while 5,000 events/s come: RSS at most 64 MiB more, at most 2 connects a second, the journal stays below its cap, all that was acknowledged arrives`, async () => {
  const broker = await useBroker();
  const folder = temporaryFolder();
  const program = fileURLToPath(new URL('fixtures/emit-through-outage.mjs', import.meta.url));
  const child = spawn(process.execPath, [program, broker.brokers.join(), folder.path, String(CAP)], {
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  const ended = new Promise((resolve) => child.once('exit', resolve));
  const reports: Report[] = [];
  createInterface({ input: child.stdout }).on('line', (line) => reports.push(JSON.parse(line) as Report));
  const report = (what: string, good: (report: Report) => boolean) =>
    eventually(what, () => Promise.resolve(reports.findLast(good)));
  try {
    // Warm: what comes later is what the outage costs.
    await report('30,000 events in Kafka', ({ position }) => position > 30_000);
    const base = Math.max(...reports.map(({ rss }) => rss));
    await broker.kill();
    const listener = await countConnects(broker.port);
    const begun = performance.now();
    const first = reports.length;
    await sleep(DOWN_S * 1_000);
    const seconds = (performance.now() - begun) / 1_000;
    const connects = listener.connects();
    await listener.end();
    const during = reports.slice(first);
    expect(during.length).toBeGreaterThan(DOWN_S);
    expect(connects).toBeGreaterThan(0);
    expect(connects).toBeLessThanOrEqual(2 * seconds + 2);
    expect(Math.max(...during.map(({ rss }) => rss)) - base).toBeLessThan(64 * MIB);
    expect(Math.max(...during.map(({ bytes }) => bytes))).toBeLessThanOrEqual(CAP);
    expect(during.at(-1)?.waiting).toBeGreaterThan(1_000);
    await broker.restart();
    child.stdin.end();
    await ended;
    const { acknowledged, waiting } = reports.at(-1) ?? { acknowledged: -1, waiting: -1 };
    expect(waiting).toBe(0);
    const stored = await readAll(broker.port, ['observability.logs']);
    expect(new Set(stored.map(({ id }) => id)).size).toBe(acknowledged);
  } finally {
    child.kill('SIGKILL');
    await ended;
    folder.remove();
    await broker.end();
  }
}, 600_000);
