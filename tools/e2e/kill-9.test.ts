import { randomBytes } from 'node:crypto';

import {
  freePortOffset,
  postJson,
  query,
  quickPolicy,
  type Running,
  startCommand,
  temporaryFolder,
} from './support/system.js';

const KILLS = 20;
const now = (): string => `${String(Date.now())}000000`;
const resource = { attributes: [{ key: 'service.name', value: { stringValue: 'load' } }] };

/** One batch of each signal, every item with an id that is found again in the lake. */
function batch(): { ids: string[]; bodies: Record<'traces' | 'logs' | 'metrics', unknown> } {
  const ids = Array.from({ length: 20 }, () => randomBytes(8).toString('hex'));
  const label = (id: string): unknown[] => [{ key: 'id', value: { stringValue: id } }];
  return {
    ids,
    bodies: {
      traces: {
        resourceSpans: [
          {
            resource,
            scopeSpans: [
              {
                spans: ids.map((id) => ({
                  traceId: `${id}${id}`,
                  spanId: id,
                  name: 'load',
                  kind: 2,
                  startTimeUnixNano: now(),
                  endTimeUnixNano: now(),
                })),
              },
            ],
          },
        ],
      },
      logs: {
        resourceLogs: [
          {
            resource,
            scopeLogs: [
              {
                logRecords: ids.map((id) => ({
                  timeUnixNano: now(),
                  severityNumber: 9,
                  body: { stringValue: id },
                })),
              },
            ],
          },
        ],
      },
      metrics: {
        resourceMetrics: [
          {
            resource,
            scopeMetrics: [
              {
                metrics: ids.map((id) => ({
                  name: 'load',
                  gauge: { dataPoints: [{ timeUnixNano: now(), asDouble: 1, attributes: label(id) }] },
                })),
              },
            ],
          },
        ],
      },
    },
  };
}

describe(`kill -9 of the bridge under load, ${String(KILLS)} times`, () => {
  const folder = temporaryFolder();
  const data = `${folder.path}/data`;
  let up: Running | undefined;

  afterAll(async () => {
    await up?.end('SIGKILL');
    folder.remove();
  });

  it('has every acknowledged event in the lake exactly once', async () => {
    const offset = await freePortOffset();
    const args = ['up', '--port-offset', String(offset), '--data', data];
    args.push('--policy', quickPolicy(folder.path), '--flush-interval', '1');
    const otlp = `http://127.0.0.1:${String(4318 + offset)}/v1`;
    const acknowledged = { traces: new Set<string>(), logs: new Set<string>(), metrics: new Set<string>() };

    /** Sends until the connection breaks. Returns when the process is gone. */
    async function load(signal: 'traces' | 'logs' | 'metrics', alive: () => boolean): Promise<void> {
      while (alive()) {
        const { ids, bodies } = batch();
        try {
          await postJson(`${otlp}/${signal}`, bodies[signal]);
          for (const id of ids) acknowledged[signal].add(id);
        } catch {
          // Not acknowledged: it may be stored or not, but never twice.
        }
      }
    }

    for (let kill = 0; kill < KILLS; kill++) {
      up = await startCommand(args);
      let running = true;
      const before = acknowledged.traces.size;
      const senders = (['traces', 'logs', 'metrics'] as const).map((signal) => load(signal, () => running));
      // A different point of the work every time: after some batches, or as soon as the first is through.
      while (acknowledged.traces.size < before + 20 * (1 + ((kill * 7) % 40))) {
        await new Promise((resolve) => setTimeout(resolve, 1));
      }
      await up.end('SIGKILL');
      running = false;
      await Promise.all(senders);
    }

    up = await startCommand(args);
    await postJson(`http://127.0.0.1:${String(4319 + offset)}/api/flush`, {});
    expect(await up.end('SIGTERM')).toBe(0);

    const key = { traces: 'span_id', logs: 'message', metrics: "attributes->>'id'" };
    for (const signal of ['traces', 'logs', 'metrics'] as const) {
      const table = `observability_${signal}`;
      const doubled = query(
        data,
        `select ${key[signal]} as id, count(*) from ${table} group by 1 having count(*) > 1`,
      );
      expect(doubled).toEqual([]);
      const stored = new Set<unknown>();
      for (const digit of '0123456789abcdef') {
        const rows = query(data, `select ${key[signal]} as id from ${table} where id like '${digit}%'`);
        expect(rows.length).toBeLessThan(10_000);
        for (const row of rows) stored.add(row['id']);
      }
      expect([...acknowledged[signal]].filter((id) => !stored.has(id))).toEqual([]);
      expect(acknowledged[signal].size).toBeGreaterThan(KILLS * 20);
    }
  }, 600_000);
});
