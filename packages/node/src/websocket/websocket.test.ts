import { describe, expect, test } from '@jest/globals';
import { once } from 'node:events';
import WebSocket from 'ws';
import { CLIENT, ERROR, SERVER, useHarness } from '../testing/harness.js';
import { attributes, hex, type ReceivedSpan } from '../testing/otlp-receiver.js';
import { eventually } from '../testing/run-app.js';

const PRODUCER = 4;
const CONSUMER = 5;
const TRACE = '0af7651916cd43dd8448eb211c80319c';
const harness = useHarness();

async function connect(url: string, headers: Record<string, string> = {}, path = '/room?token=secret') {
  const socket = new WebSocket(`${url.replace('http', 'ws')}${path}`, { headers });
  await once(socket, 'open');
  return socket;
}

function linkOf(span: ReceivedSpan): string[] {
  return span.links.map((link) => hex(link.spanId));
}

describe.each(['websocket/server.js', 'websocket/server.cjs'])('%s, with no code for it', (fixture) => {
  test('each message is a span of its own, linked to the opening, with ids in its lines', async () => {
    const app = await harness.start(fixture);
    const socket = await connect(app.url, {
      traceparent: `00-${TRACE}-b7ad6b7169203331-01`,
      'x-correlation-id': 'corr-1',
      baggage: 'session.id=s-1',
    });
    const echo = once(socket, 'message');
    socket.send('hello');
    await echo;
    socket.close(1000);
    const open = await harness.span('websocket open /room', SERVER);
    expect(hex(open.traceId)).toBe(TRACE);
    expect(hex(open.parentSpanId)).toBe('b7ad6b7169203331');
    const received = await harness.span('websocket receive /room', CONSUMER);
    expect(attributes(received.attributes)).toMatchObject({
      'unhinged.operation.class': 'websocket',
      'unhinged.websocket.message.size': 5n,
      'unhinged.websocket.message.type': 'text',
      'unhinged.correlation.id': 'corr-1',
      'session.id': 's-1',
    });
    expect(hex(received.parentSpanId)).toBe('');
    expect(hex(received.traceId)).not.toBe(TRACE);
    expect(linkOf(received)).toEqual([hex(open.spanId)]);
    // The listener is asynchronous: its span takes as long, and what it sends is a child.
    expect(Number(received.endTimeUnixNano - received.startTimeUnixNano)).toBeGreaterThan(15e6);
    const sent = await harness.span('websocket send /room', PRODUCER);
    expect(hex(sent.parentSpanId)).toBe(hex(received.spanId));
    const line = await harness.log('message taken');
    expect(hex(line.spanId)).toBe(hex(received.spanId));
    const ids = attributes(line.attributes);
    expect(ids).toMatchObject({ 'unhinged.correlation.id': 'corr-1', 'session.id': 's-1' });
    expect(ids['unhinged.request.id']).toBe(attributes(received.attributes)['unhinged.request.id']);
    const close = await harness.span('websocket close /room', SERVER);
    expect(attributes(close.attributes)).toMatchObject({ 'unhinged.websocket.close.code': 1000n });
    expect(linkOf(close)).toEqual([hex(open.spanId)]);
    expect(close.status?.code).not.toBe(ERROR);
    // Neither the query nor the content.
    expect(
      JSON.stringify(
        harness.receiver.spans.map((span) => attributes(span.attributes)),
        stringOf,
      ),
    ).not.toMatch(/secret|hello/);
  });

  test('a closing with an error is an error', async () => {
    const app = await harness.start(fixture);
    const socket = await connect(app.url);
    socket.send('fail');
    await once(socket, 'close');
    const close = await harness.span('websocket close /room', SERVER);
    expect(close.status?.code).toBe(ERROR);
    expect(attributes(close.attributes)).toMatchObject({ 'error.type': '1011' });
  });

  test('counts connections, messages and bytes', async () => {
    const app = await harness.start(fixture, { OTEL_METRIC_EXPORT_INTERVAL: '200' });
    const socket = await connect(app.url);
    socket.send('12345');
    await once(socket, 'message');
    const sum = (name: string, direction: string) =>
      harness.receiver.metrics
        .filter((metric) => metric.name === name)
        .flatMap((metric) => (metric.data?.$case === 'sum' ? metric.data.value.dataPoints : []))
        .filter((point) => attributes(point.attributes)['direction'] === direction)
        .map((point) => Number(point.value?.value))
        .at(-1);
    await eventually('messages', () => sum('unhinged.websocket.messages', 'receive') === 1);
    expect(sum('unhinged.websocket.bytes', 'receive')).toBe(5);
    socket.terminate();
  });
});

describe.each([
  ['beside the instrumentation', {}],
  ['without it', { OTEL_NODE_DISABLED_INSTRUMENTATIONS: 'ws' }],
])('traceServer and traceClient, %s', (_name, env) => {
  test('one trace through a message; a reconnection says what it follows', async () => {
    const server = await harness.start('websocket/options-server.js', {
      ...env,
      OTEL_SERVICE_NAME: 'server',
    });
    const client = await harness.start('websocket/client.js', {
      ...env,
      OTEL_SERVICE_NAME: 'client',
      SERVER_URL: server.url.replace('http', 'ws'),
    });
    expect(await client.ended).toEqual({ code: 0, signal: null });
    const action = await harness.span('user action', 1);
    const sent = await harness.span('websocket send /feed', PRODUCER, 'client');
    const received = await harness.span('websocket receive /feed', CONSUMER, 'server');
    expect(hex(sent.parentSpanId)).toBe(hex(action.spanId));
    expect(hex(received.parentSpanId)).toBe(hex(sent.spanId));
    expect(hex(received.traceId)).toBe(hex(action.traceId));
    const opened = harness.receiver.spans.filter(
      (span) => span.name === 'websocket open /feed' && span.kind === CLIENT,
    );
    expect(opened).toHaveLength(2);
    const [first, second] = opened;
    expect(attributes(second?.attributes)).toMatchObject({
      'unhinged.websocket.reconnects': 1n,
      'unhinged.correlation.id': attributes(first?.attributes)['unhinged.correlation.id'],
    });
    expect(second && linkOf(second)).toEqual([first && hex(first.spanId)]);
    // Every message once, whoever looks.
    const taken = harness.receiver.spans.filter((span) => span.name === 'websocket receive /feed');
    expect(taken.map((span) => span.resource['service.name']).sort()).toEqual(['client', 'server']);
  });

  test('a flood gets the spans of the limit, and the rest is counted', async () => {
    const app = await harness.start('websocket/options-server.js', env);
    const socket = await connect(app.url, { 'x-test-user': 'u-1' });
    let echoes = 0;
    socket.on('message', () => echoes++);
    for (let index = 0; index < 300; index++) socket.send('x');
    await eventually('echoes', () => echoes === 300);
    socket.close(1000);
    const close = await harness.span('websocket close /room', SERVER);
    const spans = harness.receiver.spans.filter((span) => /websocket (receive|send)/.test(span.name));
    const without = [close, ...spans]
      .map((span) => attributes(span.attributes)['unhinged.websocket.messages.without_span'] ?? 0n)
      .reduce<bigint>((sum, count) => sum + (count as bigint), 0n);
    expect(spans.length).toBeLessThan(300);
    expect(spans.length + Number(without)).toBe(600);
    expect(attributes(close.attributes)['user.id']).toBe('u-1');
  });
});

function stringOf(_key: string, value: unknown): unknown {
  return typeof value === 'bigint' ? value.toString() : value;
}
