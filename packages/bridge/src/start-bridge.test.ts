import { mkdtempSync, rmSync } from 'node:fs';
import { createServer, type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startBridge, type Bridge } from './index.js';

const ports = { grpc: 0, http: 0, prometheus: 0, console: 0 };
const spans = (count: number) =>
  JSON.stringify({
    resourceSpans: [
      {
        resource: { attributes: [{ key: 'service.name', value: { stringValue: 'chat' } }] },
        scopeSpans: [
          {
            spans: Array.from({ length: count }, (_, i) => ({
              traceId: '01'.repeat(16),
              spanId: (i + 1).toString(16).padStart(16, '0'),
              name: `span ${i}`,
              startTimeUnixNano: '1700000000000000000',
              endTimeUnixNano: '1700000001000000000',
            })),
          },
        ],
      },
    ],
  });

let dir: string;
let bridge: Bridge | undefined;
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'bridge-'));
});
afterEach(async () => {
  await bridge?.stop();
  bridge = undefined;
  rmSync(dir, { recursive: true });
});

const send = (to: Bridge, count: number) =>
  fetch(`http://127.0.0.1:${to.ports.http}/v1/traces`, {
    method: 'POST',
    body: spans(count),
    headers: { 'content-type': 'application/json' },
  });

test('takes OTLP, flushes it to the lake, says so, stops, and starts again where it was', async () => {
  bridge = await startBridge({ dataDir: dir, ports });
  expect(new Set(Object.values(bridge.ports)).size).toBe(4);
  expect((await send(bridge, 20)).status).toBe(200);
  await bridge.flush();
  const query = await fetch(`http://127.0.0.1:${bridge.ports.console}/api/query`, {
    method: 'POST',
    body: JSON.stringify({ sql: 'select count(distinct span_id)::int as spans from observability_traces' }),
    headers: { 'content-type': 'application/json' },
  });
  expect(await query.json()).toMatchObject({ rows: [[20]] });
  const { counters, journal } = bridge.stats();
  expect(counters['unhinged_accepted_items_total{signal="traces"}']).toBe(20);
  expect(journal.lastSequence).toBe(20);
  const metrics = await (await fetch(`http://127.0.0.1:${bridge.ports.prometheus}/metrics`)).text();
  expect(metrics).toContain('unhinged_journal_bytes ');
  await Promise.all([bridge.stop(), bridge.stop()]);
  await expect(send(bridge, 1)).rejects.toThrow();

  bridge = await startBridge({ dataDir: dir, ports });
  expect((await send(bridge, 1)).status).toBe(200);
  expect(bridge.stats().journal.lastSequence).toBe(21);
}, 60_000);

test.each(['grpc', 'http', 'prometheus', 'console'] as const)(
  'a taken %s port is named, and what had started is stopped again',
  async (name) => {
    const other = createServer();
    await new Promise<void>((resolve) => other.listen(0, '127.0.0.1', resolve));
    const { port } = other.address() as AddressInfo;
    try {
      await expect(startBridge({ dataDir: dir, ports: { ...ports, [name]: port } })).rejects.toMatchObject({
        code: 'port_taken',
        message: expect.stringContaining(`Port ${port} on 127.0.0.1`) as string,
      });
    } finally {
      await new Promise((resolve) => other.close(resolve));
    }
    bridge = await startBridge({ dataDir: dir, ports: { ...ports, [name]: port } });
    expect(bridge.ports[name]).toBe(port);
  },
  60_000,
);

test('brokers that are no addresses are refused, and what had started is stopped again', async () => {
  await expect(startBridge({ dataDir: dir, ports, kafka: { brokers: ['nonsense'] } })).rejects.toMatchObject({
    code: 'bad_option',
    message: 'Kafka option brokers: expected a list of host:port, got ["nonsense"].',
  });
  bridge = await startBridge({ dataDir: dir, ports });
}, 60_000);

test('a folder has one bridge at a time', async () => {
  bridge = await startBridge({ dataDir: dir, ports });
  await expect(startBridge({ dataDir: dir, ports })).rejects.toMatchObject({ code: 'journal_locked' });
}, 60_000);
