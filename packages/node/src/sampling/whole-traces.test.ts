import { describe, expect, it } from '@jest/globals';
import { SERVER, useHarness } from '../testing/harness.js';
import { attributes, hex, type ReceivedSpan } from '../testing/otlp-receiver.js';

interface WebResult {
  failing: { traceId: string; kind: string }[];
  stats: { spans: { created: number; exported: number; sampledOut: number; queued: number } };
}

const REQUESTS = 1_500;
const FAILING = 60;
/** Click, client, server, client, server, query. */
const SPANS_OF_A_TRACE = 6;

describe('three tiers at 1 %, 10 % and 20 %', () => {
  const harness = useHarness();

  it('export the whole trace of every failing request, wherever it failed, and the rates of all others', async () => {
    const tier = (file: string, type: string, env: Record<string, string> = {}) =>
      harness.start(`sampling/${file}`, { SERVICE_TYPE: type, OTEL_SERVICE_NAME: type, ...env }, [
        '--import',
        './sampling/telemetry.js',
      ]);
    const backend = await tier('backend.js', 'backend');
    const gateway = await tier('gateway.js', 'gateway', { BACKEND_URL: backend.url });
    const web = await tier('web.js', 'frontend', {
      GATEWAY_URL: gateway.url,
      REQUESTS: REQUESTS.toString(),
      FAILING: FAILING.toString(),
    });
    await web.ended;
    const { failing, stats } = JSON.parse(web.stdout().trim().split('\n').at(-1) ?? '{}') as WebResult;
    for (const server of [gateway, backend]) {
      server.process.kill('SIGTERM');
      await server.ended;
    }
    expect(failing).toHaveLength(FAILING);
    const traces = grouped(harness.receiver.spans);
    const torn = failing.filter(({ traceId }) => traces.get(traceId)?.length !== SPANS_OF_A_TRACE);
    expect(torn).toEqual([]);

    const failed = new Set(failing.map(({ traceId }) => traceId));
    const ordinary = harness.receiver.spans.filter((span) => !failed.has(idOf(span)));
    const share = (service: string, name: string) =>
      ordinary.filter((span) => span.resource['service.name'] === service && span.name === name).length /
      (REQUESTS - FAILING);
    // Five standard deviations around the rates.
    expect(share('frontend', 'click')).toBeLessThan(0.01 + 0.014);
    expect(Math.abs(share('gateway', 'GET') - 0.1 * 2)).toBeLessThan(2 * 0.04);
    expect(Math.abs(share('backend', 'query') - 0.2)).toBeLessThan(0.053);
    // What the lower rate keeps, the higher keeps: below each kept click there is all of it.
    for (const click of ordinary.filter(({ name }) => name === 'click')) {
      expect(traces.get(idOf(click))).toHaveLength(SPANS_OF_A_TRACE);
    }

    const { created, exported, sampledOut, queued } = stats.spans;
    expect(created).toBe(2 * REQUESTS);
    expect({ exported: exported + sampledOut, queued }).toEqual({ exported: created, queued: 0 });
    expect(reasonOf(traces.get(failing[0]?.traceId ?? ''), 'backend')).toBe('error');
  });
});

const idOf = (span: ReceivedSpan) => hex(span.traceId);

function grouped(spans: readonly ReceivedSpan[]): Map<string, ReceivedSpan[]> {
  const traces = new Map<string, ReceivedSpan[]>();
  for (const span of spans) traces.set(idOf(span), [...(traces.get(idOf(span)) ?? []), span]);
  return traces;
}

function reasonOf(spans: readonly ReceivedSpan[] | undefined, service: string): unknown {
  const root = spans?.find((span) => span.resource['service.name'] === service && span.kind === SERVER);
  return root === undefined ? undefined : attributes(root.attributes)['unhinged.sampling.reason'];
}
