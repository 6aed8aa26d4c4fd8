import { expect, it } from '@jest/globals';
import { SERVER, useHarness } from '../testing/harness.js';
import { attributes, hex } from '../testing/otlp-receiver.js';
import { eventually } from '../testing/run-app.js';

const harness = useHarness();

it('gRPC tiers tell each other of kept traces: by trailer up, by metadata down, unary and streamed, CJS and ESM', async () => {
  const tier = (file: string, type: string, env: Record<string, string> = {}) =>
    harness.start(`grpc/${file}`, { SERVICE_TYPE: type, OTEL_SERVICE_NAME: type, ...env }, [
      '--import',
      './sampling/telemetry.js',
    ]);
  const backend = await tier('backend.cjs', 'backend');
  const gateway = await tier('gateway.js', 'gateway', {
    BACKEND_ADDRESS: backend.url.replace('http://', ''),
  });
  // No rate below 1 keeps these.
  const unlucky = (n: number) => n.toString(16).padStart(18, '1') + '0'.repeat(14);
  const ask = (n: number, fail: string) =>
    fetch(`${gateway.url}/?fail=${fail}`, {
      headers: { traceparent: `00-${unlucky(n)}-${'2'.repeat(16)}-00` },
    });
  const rootOf = (n: number, service: string) =>
    eventually(`the part of ${service} in trace ${n}`, () =>
      harness.receiver.spans.find(
        (span) =>
          span.resource['service.name'] === service &&
          span.kind === SERVER &&
          hex(span.traceId) === unlucky(n),
      ),
    );
  const reasonOf = async (n: number, service: string) =>
    attributes((await rootOf(n, service)).attributes)['unhinged.sampling.reason'];

  const quiet = await ask(1, 'no');
  expect(quiet.headers.get('traceresponse')).toBeNull();

  // The gateway sees no error: it is the trailer that makes it keep its part, and tell its own caller.
  for (const [n, fail] of [
    [2, 'handled'],
    [3, 'handled-stream'],
  ] as const) {
    const answer = await ask(n, fail);
    expect(answer.status).toBe(200);
    expect(answer.headers.get('traceresponse')).toMatch(new RegExp(`^00-${unlucky(n)}-[0-9a-f]{16}-01$`));
    expect([await reasonOf(n, 'gateway'), await reasonOf(n, 'backend')]).toEqual(['retroactive', 'error']);
  }

  const failed = await ask(4, 'backend');
  expect(await failed.text()).toBe('stays');
  expect([await reasonOf(4, 'gateway'), await reasonOf(4, 'backend')]).toEqual(['error', 'error']);

  // Too late for the flag: the next call to the back end tells it, which takes its part back.
  await ask(5, 'gateway');
  await ask(6, 'no');
  expect((await rootOf(5, 'backend')).traceState).toBe('unhinged=c:0');
  expect(
    harness.receiver.spans.filter((span) => [1, 6].some((n) => hex(span.traceId) === unlucky(n))),
  ).toEqual([]);
});
