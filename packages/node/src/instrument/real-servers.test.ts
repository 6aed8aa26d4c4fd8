import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { CLIENT, useHarness } from '../testing/harness.js';
import { attributes, hex, type ReceivedSpan } from '../testing/otlp-receiver.js';
import { startRealServer, type RealServer } from '../testing/real-server.js';

const PRODUCER = 4;
const CONSUMER = 5;
const harness = useHarness();

describe.each([
  {
    name: 'redis' as const,
    scope: 'ioredis',
    check: (spans: readonly ReceivedSpan[]) => {
      expect(named(spans, 'set', CLIENT)).toMatchObject({ 'db.system.name': 'redis' });
      named(spans, 'get', CLIENT);
    },
  },
  {
    name: 'postgres' as const,
    scope: 'pg',
    check: (spans: readonly ReceivedSpan[]) => {
      expect(named(spans, 'pg.query:SELECT postgres', CLIENT)).toMatchObject({
        'db.system.name': 'postgresql',
        'db.query.text': 'SELECT $1::text AS greeting',
      });
    },
  },
  {
    name: 'kafka' as const,
    scope: 'kafkajs',
    check: (spans: readonly ReceivedSpan[]) => {
      const sent = spans.find(({ kind }) => kind === PRODUCER);
      const taken = spans.find(({ kind, name }) => kind === CONSUMER && name.startsWith('process'));
      expect(attributes(sent?.attributes)).toMatchObject({ 'messaging.system': 'kafka' });
      // The context went through the broker in the message's headers.
      expect(hex(taken?.parentSpanId ?? Buffer.of())).toBe(hex(sent?.spanId ?? Buffer.of(1)));
    },
  },
])('a real $name', ({ name, scope, check }) => {
  let server: RealServer;
  beforeAll(async () => {
    // The first time on a machine it is fetched.
    server = await startRealServer(name);
  }, 300_000);
  afterAll(() => server.stop());

  test.each(['js', 'cjs'])('clients/%s: its client is patched', async (extension) => {
    const app = await harness.start(`clients/${name}.${extension}`, {
      SERVER_PORT: server.port.toString(),
      OTEL_SERVICE_NAME: 'client',
    });
    expect(await app.ended).toEqual({ code: 0, signal: null });
    expect(app.stdout().trim()).toBe('hello');
    const spans = harness.receiver.spans.filter((span) => span.scope.endsWith(scope));
    check(spans);
  });
});

function named(spans: readonly ReceivedSpan[], name: string, kind: number): Record<string, unknown> {
  const found = spans.find((span) => span.name === name && span.kind === kind);
  expect(spans.map((span) => span.name)).toContain(name);
  return attributes(found?.attributes);
}
