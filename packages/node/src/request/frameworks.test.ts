import { describe, expect, test } from '@jest/globals';
import { SERVER, useHarness } from '../testing/harness.js';
import { attributes, hex } from '../testing/otlp-receiver.js';
import { eventually } from '../testing/run-app.js';

const harness = useHarness();
const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-/;
const apps = ['context/express.js', 'context/express.cjs', 'context/fastify.js', 'context/fastify.cjs'];

function order(url: string, headers: Record<string, string> = {}): Promise<Response> {
  return fetch(`${url}/orders/5`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...headers },
    body: JSON.stringify({ user: 'u-7' }),
  });
}

describe.each(apps)('%s', (fixture) => {
  test('takes over sound ids, echoes them, and has them in lines and spans', async () => {
    const app = await harness.start(fixture);
    const answer = await order(app.url, {
      'x-correlation-id': 'corr-1',
      'x-request-id': 'req-1',
      'x-session': 's-9',
    });
    expect(answer.status).toBe(200);
    expect(answer.headers.get('x-correlation-id')).toBe('corr-1');
    expect(answer.headers.get('x-request-id')).toBe('req-1');
    const ids = {
      'unhinged.correlation.id': 'corr-1',
      'unhinged.request.id': 'req-1',
      'session.id': 's-9',
      'user.id': 'u-7',
    };
    const span = await harness.span('POST /orders/:id', SERVER);
    expect(attributes(span.attributes)).toMatchObject({
      'unhinged.correlation.id': 'corr-1',
      'session.id': 's-9',
    });
    const line = await harness.log('order taken');
    expect(attributes(line.attributes)).toMatchObject(ids);
    const printed = app
      .stdout()
      .split('\n')
      .find((text) => text.includes('order taken'));
    expect(JSON.parse(printed ?? '')).toMatchObject({
      correlationId: 'corr-1',
      requestId: 'req-1',
      userId: 'u-7',
    });
  });

  test('makes ids where there are none, and where what came is none', async () => {
    const app = await harness.start(fixture);
    const hostile = '<script>alert(1)</script>';
    const answer = await order(app.url, {
      'x-correlation-id': 'a'.repeat(129),
      'x-request-id': hostile,
      'x-session': '{"forged": true}',
    });
    expect(answer.headers.get('x-request-id')).toMatch(UUID);
    expect(answer.headers.get('x-correlation-id')).toBe(answer.headers.get('x-request-id'));
    const line = attributes((await harness.log('order taken')).attributes);
    expect(line['unhinged.request.id']).toBe(answer.headers.get('x-request-id'));
    expect(line).not.toHaveProperty('session.id');
    expect(app.stdout()).not.toContain('script');
  });

  test.each([
    ['with the instrumentations', {}],
    ['without them', { OTEL_NODE_ENABLED_INSTRUMENTATIONS: 'undici' }],
  ])('names routes and keeps exceptions, %s', async (_name, env) => {
    const app = await harness.start(fixture, env);
    await fetch(`${app.url}/nested/deep/1`);
    await fetch(`${app.url}/fail`);
    const deep = await harness.span('GET /nested/deep/:id', SERVER);
    expect(attributes(deep.attributes)).toMatchObject({
      'http.route': '/nested/deep/:id',
      'http.response.status_code': 200n,
    });
    const failed = await eventually('the failed request', () =>
      harness.receiver.spans.find((span) => span.kind === SERVER && span.status?.code === 2),
    );
    const exceptions = harness.receiver.spans
      .filter((span) => hex(span.traceId) === hex(failed.traceId))
      .flatMap((span) => span.events.map((event) => ({ of: hex(span.spanId), name: event.name })));
    expect(exceptions).toContainEqual({ of: hex(failed.spanId), name: 'exception' });
    // Once a span.
    expect(exceptions.filter(({ of }) => of === hex(failed.spanId))).toHaveLength(1);
  });

  test('gives its metrics to Prometheus', async () => {
    const app = await harness.start(fixture);
    const page = await fetch(`${app.url}/metrics`);
    expect(page.headers.get('content-type')).toContain('text/plain; version=0.0.4');
    expect(await page.text()).toContain('target_info');
  });
});

describe('the next tier', () => {
  test('gets correlation and session by baggage; the user only where the caller sends and the callee trusts', async () => {
    const back = await harness.start('context/fastify.js', { OTEL_SERVICE_NAME: 'back' });
    const front = await harness.start('context/express.js', {
      OTEL_SERVICE_NAME: 'front',
      NEXT_URL: back.url,
    });
    const answer = await order(front.url, { 'x-session': 's-9' });
    const line = await eventually('the line of the next tier', () =>
      harness.receiver.logs.find((record) => record.resource['service.name'] === 'back'),
    );
    expect(attributes(line.attributes)).toMatchObject({
      'unhinged.correlation.id': answer.headers.get('x-correlation-id'),
      'session.id': 's-9',
    });
    // A request of its own.
    expect(attributes(line.attributes)['unhinged.request.id']).not.toBe(answer.headers.get('x-request-id'));
  });

  test.each([
    ['', undefined],
    ['yes', 'admin'],
  ])('TRUST=%p: user.id of baggage is %p', async (trust, expected) => {
    const app = await harness.start('context/fastify.js', { TRUST: trust });
    await fetch(`${app.url}/nested/deep/1`, { headers: { baggage: 'user.id=admin,session.id=s-1' } });
    const span = attributes((await harness.span('GET /nested/deep/:id', SERVER)).attributes);
    expect(span['user.id']).toBe(expected);
    expect(span['session.id']).toBe('s-1');
  });
});

test('a preflight leaves no trace, an OPTIONS request does', async () => {
  const app = await harness.start('context/fastify.js');
  await fetch(`${app.url}/orders/5`, {
    method: 'OPTIONS',
    headers: { origin: 'http://localhost:3000', 'access-control-request-method': 'POST' },
  });
  await fetch(`${app.url}/orders/5`, { method: 'OPTIONS' });
  await fetch(`${app.url}/nested/deep/1`);
  await harness.span('GET /nested/deep/:id', SERVER);
  expect(harness.receiver.spans.filter((span) => span.name.startsWith('OPTIONS'))).toHaveLength(1);
});
