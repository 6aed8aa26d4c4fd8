import { describe, expect, test } from '@jest/globals';
import { useHarness } from './testing/harness.js';
import { attributes, hex, plain } from './testing/otlp-receiver.js';
import type { App } from './testing/run-app.js';

// Real programs in processes of their own, with the stock instrumentations of pino and winston active.
const harness = useHarness();

interface Line {
  level: string;
  message: string;
  msg?: string;
  traceId?: string;
  trace_id?: string;
  metadata?: Record<string, unknown>;
  error?: { type: string; message: string; stack: string };
}

const printed = (app: App): Line[] =>
  app
    .stdout()
    .split('\n')
    .filter((line) => line.startsWith('{'))
    .map((line) => JSON.parse(line) as Line);

async function run(fixture: string, env: Record<string, string> = {}) {
  const app = await harness.start(fixture, { NODE_ENV: 'development', ...env });
  expect(await app.ended).toEqual({ code: 0, signal: null });
  const span = await harness.span('work', 1);
  const bodies = harness.receiver.logs.map((record) => String(plain(record.body)));
  const of = (body: string) =>
    attributes(harness.receiver.logs.find((record) => plain(record.body) === body)?.attributes);
  return { lines: printed(app), bodies, of, traceId: hex(span.traceId) };
}

const sorted = (list: readonly string[]) => [...list].sort();

describe('pino with the bridge', () => {
  test('children, serializers, redaction, custom levels and errors: one copy of each line in each place', async () => {
    const { lines, bodies, of, traceId } = await run('log-pino/bridge.js');
    const messages = ['from a child', 'custom level', 'failed', 'far', 'from ours'];
    expect(lines.map((line) => line.message)).toEqual(messages);
    expect(sorted(bodies)).toEqual(sorted(messages));
    expect(lines.map((line) => line.level)).toEqual(['info', 'info', 'error', 'debug', 'info']);
    expect(new Set(lines.map((line) => line.traceId))).toEqual(new Set([traceId]));
    for (const record of harness.receiver.logs) expect(hex(record.traceId)).toBe(traceId);
    const secretless = { shard: 3, user: 'u-1', card: '[Redacted]', password: '[Redacted]' };
    expect(lines[0]?.metadata).toEqual(secretless);
    expect(of('from a child')).toMatchObject({ ...secretless, shard: 3n });
    expect(lines[2]?.error).toMatchObject({ type: 'TypeError', message: 'bad: why' });
    expect(of('failed')).toMatchObject({
      'exception.type': 'TypeError',
      error: { code: 'E7' },
      'unhinged.destinations': 'CDL',
    });
  });

  test('flags decide', async () => {
    const { lines, bodies } = await run('log-pino/bridge.js', { FLAGS: 'debug=---,error=C,info=D' });
    expect(lines.map((line) => line.message)).toEqual(['failed', 'from ours']);
    expect(sorted(bodies)).toEqual(['custom level', 'from a child', 'from ours']);
  });

  test('a destination of its own, and a multistream beside it, in CommonJS', async () => {
    const { lines, bodies, of, traceId } = await run('log-pino/bridge.cjs');
    const messages = ['kept as pino writes it', 'below the level of the bridge', 'taken by the bridge'];
    expect(lines.map((line) => line.msg)).toEqual(messages);
    expect(lines[0]?.trace_id).toBe(traceId);
    expect(sorted(bodies)).toEqual(sorted(messages));
    // What the bridge is not given leaves as it does without one.
    expect(of('below the level of the bridge')['unhinged.destinations']).toBeUndefined();
    expect(of('taken by the bridge')['unhinged.destinations']).toBe('-DL');
  });
});

describe('winston with the bridge', () => {
  test('children, formats, splat, levels and errors: one copy of each line in each place', async () => {
    const { lines, bodies, of, traceId } = await run('log-winston/bridge.js');
    const messages = ['from a child', 'its own level', 'failed bad', 'far', 'from ours'];
    expect(lines.map((line) => line.message)).toEqual(messages);
    expect(sorted(bodies)).toEqual(sorted(messages));
    expect(lines.map((line) => line.level)).toEqual(['info', 'info', 'error', 'trace', 'info']);
    expect(new Set(lines.map((line) => line.traceId))).toEqual(new Set([traceId]));
    for (const record of harness.receiver.logs) expect(hex(record.traceId)).toBe(traceId);
    expect(lines[0]?.metadata).toEqual({ app: 'shop', shard: 3, userId: 'u-1', password: '[Redacted]' });
    expect(lines[2]?.metadata).toEqual({ app: 'shop', code: 'E7' });
    expect(lines[2]?.error).toMatchObject({
      type: 'TypeError',
      message: 'bad',
      causes: [{ message: 'why' }],
    });
    expect(lines[3]?.error).toMatchObject({ type: 'RangeError', message: 'far' });
    expect(of('failed bad')).toMatchObject({ 'exception.type': 'TypeError', 'unhinged.destinations': 'CDL' });
  });

  test('beside a Console transport, only from a level on, in CommonJS', async () => {
    const { lines, bodies, of } = await run('log-winston/bridge.cjs');
    const messages = ['below the level of the bridge', 'taken by the bridge'];
    expect(lines.map((line) => line.message)).toEqual(messages);
    expect(sorted(bodies)).toEqual(sorted(messages));
    expect(of('below the level of the bridge')['unhinged.destinations']).toBeUndefined();
    expect(of('taken by the bridge')['unhinged.destinations']).toBe('-DL');
  });
});

test.each(['log-pino/plain.js', 'log-pino/plain.cjs', 'log-winston/plain.js', 'log-winston/plain.cjs'])(
  '%s without a bridge has trace ids in its lines and one copy over OTLP',
  async (fixture) => {
    const { lines, bodies, traceId } = await run(fixture);
    expect(lines.map((line) => line.trace_id)).toEqual([traceId]);
    expect(bodies).toHaveLength(1);
    expect(hex(harness.receiver.logs[0]?.traceId ?? new Uint8Array())).toBe(traceId);
  },
);
