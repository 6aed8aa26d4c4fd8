import { randomBytes } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';

import { getJson, postJson } from '../support/system.js';
import { type RunningStack, startStack, withPatience } from './running-stack.js';
import { followTopics, hex, type Topics } from './topics.js';

/** Sends one span and one log line ten times a second and remembers the traces that were answered with 200. */
function keepSending(url: string): {
  begun: Set<string>;
  acknowledged: Set<string>;
  refused: () => number;
  stop(): Promise<void>;
} {
  const begun = new Set<string>();
  const acknowledged = new Set<string>();
  let refused = 0;
  const ended = new AbortController();
  const post = async (path: string, body: unknown): Promise<boolean> => {
    try {
      const answer = await fetch(`${url}/v1/${path}`, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify(body),
        signal: AbortSignal.timeout(60_000),
      });
      await answer.arrayBuffer();
      return answer.status === 200;
    } catch {
      return false;
    }
  };
  const one = async (): Promise<void> => {
    const traceId = randomBytes(16).toString('hex');
    const spanId = randomBytes(8).toString('hex');
    begun.add(traceId);
    const now = String(BigInt(Date.now()) * 1_000_000n);
    const resource = { attributes: [{ key: 'service.name', value: { stringValue: 'kills' } }] };
    const span = { traceId, spanId, name: 'x', kind: 2, startTimeUnixNano: now, endTimeUnixNano: now };
    const both = await Promise.all([
      // As an SDK of ours sends what it has decided to keep.
      post('traces', {
        resourceSpans: [{ resource, scopeSpans: [{ spans: [{ ...span, traceState: 'ot=th:0' }] }] }],
      }),
      post('logs', {
        resourceLogs: [
          {
            resource,
            scopeLogs: [{ logRecords: [{ timeUnixNano: now, traceId, body: { stringValue: 'x' } }] }],
          },
        ],
      }),
    ]);
    if (both.every(Boolean)) acknowledged.add(traceId);
    else refused++;
  };
  const loop = (async () => {
    const sent: Promise<void>[] = [];
    while (!ended.signal.aborted) {
      sent.push(one());
      await sleep(100);
    }
    await Promise.all(sent);
  })();
  return {
    begun,
    acknowledged,
    refused: () => refused,
    stop: async () => {
      ended.abort();
      await loop;
    },
  };
}

describe('each server killed with SIGKILL and started again while telemetry comes in', () => {
  let stack: RunningStack;
  let topics: Topics;

  beforeAll(async () => {
    stack = await startStack(['kafka', 'jaeger', 'alertmanager', 'collector', 'bridge', 'prometheus']);
    topics = await followTopics(`127.0.0.1:${String(stack.port('kafka', 'broker'))}`);
  });
  afterAll(async () => {
    await topics.stop();
    await stack.stop();
  });

  const missing = (acknowledged: Set<string>): { spans: number; logs: number } => {
    const spans = new Set(topics.spans.map(({ traceId }) => hex(traceId)));
    const logs = new Set(
      topics.logs
        .filter(({ resource }) => resource?.serviceName === 'kills')
        .map(({ traceContext }) => traceContext?.traceId ?? ''),
    );
    const lacks = (set: Set<string>): number => [...acknowledged].filter((id) => !set.has(id)).length;
    return { spans: lacks(spans), logs: lacks(logs) };
  };

  const inLake = async (sql: string): Promise<unknown[][]> => {
    const console = stack.url('bridge', 'console');
    return ((await postJson(`${console}/api/query`, { sql, maxRows: 10_000 })) as { rows: unknown[][] }).rows;
  };

  const missingInLake = async (acknowledged: Set<string>): Promise<number> => {
    const ids = async (table: string): Promise<Set<unknown>> =>
      new Set((await inLake(`select distinct trace_id from ${table} where service = 'kills'`)).flat());
    const [spans, logs] = [await ids('observability_traces'), await ids('observability_logs')];
    return [...acknowledged].filter((id) => !spans.has(id) || !logs.has(id)).length;
  };

  /** Kills in the midst of telemetry, goes on sending while it is away, and once it is back. */
  async function killAndRestart(server: string): Promise<{ acknowledged: Set<string>; refused: number }> {
    const sending = keepSending(stack.url('collector', 'http'));
    const { acknowledged, refused } = sending;
    const answers = () => acknowledged.size + refused();
    const until = (what: string, isSo: () => boolean) =>
      withPatience(what, 3, () => Promise.resolve(isSo() ? true : undefined));
    await until('the first answers', () => acknowledged.size >= 20);
    await stack.kill(server);
    const before = answers();
    await until('answers while it is away', () => answers() >= before + 10);
    await stack.up([server]);
    const after = acknowledged.size;
    await until('answers once it is back', () => acknowledged.size >= after + 10);
    await sending.stop();
    return { acknowledged, refused: refused() };
  }

  test.each(['kafka', 'collector', 'bridge', 'jaeger', 'prometheus', 'alertmanager'])(
    '%s: every span and line that the Collector acknowledged is in Kafka afterwards, and in the lake of the bridge',
    async (server) => {
      const { acknowledged, refused } = await killAndRestart(server);
      // Only the Collector itself stands between a client and its answer.
      if (server === 'collector') expect(refused).toBeGreaterThan(0);
      else expect(refused).toBe(0);
      await withPatience(`what was acknowledged while ${server} was away`, 3, () => {
        const { spans, logs } = missing(acknowledged);
        return Promise.resolve(spans + logs === 0 ? true : undefined);
      });
      await withPatience(`the same in the lake of the bridge`, 3, async () =>
        (await missingInLake(acknowledged)) === 0 ? true : undefined,
      );
      process.stderr.write(
        `  ${server}: ${String(acknowledged.size)} acknowledged, ${String(refused)} refused, none lost\n`,
      );
    },
  );

  test('what the bridge read twice, because it or the broker was killed, is in its lake once', async () => {
    for (const table of ['observability_traces', 'observability_logs']) {
      const [row] = await inLake(`select count(*)::int, count(distinct event_id)::int from ${table}`);
      expect(row?.[0]).toBeGreaterThan(100);
      expect(row?.[0]).toBe(row?.[1]);
    }
  });

  test('Jaeger gets what came while it was away; Prometheus still has what it had', async () => {
    const sending = keepSending(stack.url('collector', 'http'));
    await sleep(1_000);
    await stack.kill('jaeger');
    // An answer may take longer than the way to Jaeger.
    const before = new Set(sending.begun);
    await withPatience('traces that Jaeger does not see', 3, () =>
      Promise.resolve([...sending.acknowledged].some((id) => !before.has(id)) ? true : undefined),
    );
    await stack.kill('prometheus');
    const killed = Date.now() / 1000;
    await stack.up(['jaeger', 'prometheus']);
    await sending.stop();
    // Its memory is gone with the process; OpenSearch keeps it in Compose and Kubernetes.
    const since = [...sending.acknowledged].filter((id) => !before.has(id));
    for (const id of since) {
      await withPatience(`trace ${id} in Jaeger`, 2, async () => {
        const answer = await getJson<{ data: unknown[] }>(`${stack.url('jaeger', 'query')}/api/traces/${id}`);
        return answer.data.length > 0 ? true : undefined;
      });
    }
    const query = encodeURIComponent('count_over_time(up{job="collector"}[1h])');
    await withPatience('what Prometheus had', 2, async () => {
      const url = `${stack.url('prometheus', 'http')}/api/v1/query?query=${query}&time=${String(killed)}`;
      const { data } = await getJson<{ data: { result: unknown[] } }>(url);
      return data.result.length === 1 ? true : undefined;
    });
  });
});
