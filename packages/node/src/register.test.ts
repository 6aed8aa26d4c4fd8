import { afterAll, describe, expect, test } from '@jest/globals';
import { express4Apps } from './testing/express-4.js';
import { CLIENT, ERROR, SERVER, useHarness } from './testing/harness.js';
import { attributes, hex } from './testing/otlp-receiver.js';
import { eventually } from './testing/run-app.js';

const harness = useHarness();

describe('one trace through two processes', () => {
  test.each([
    ['esm-fastify/app.js', 'esm-express/app.js'],
    ['cjs-fastify/app.cjs', 'cjs-express/app.cjs'],
    ['esm-express/app.js', 'cjs-express/app.cjs'],
  ])('%s calls %s', async (front, back) => {
    const items = await harness.start(back, { OTEL_SERVICE_NAME: 'items' });
    const gateway = await harness.start(front, { OTEL_SERVICE_NAME: 'gateway', BACKEND_URL: items.url });
    expect((await fetch(`${gateway.url}/users/7`)).status).toBe(200);

    const server = await harness.span('GET /users/:id', SERVER, 'gateway');
    const client = await harness.span('GET', CLIENT, 'gateway');
    const called = await harness.span('GET /items/:id', SERVER, 'items');
    expect(attributes(server.attributes)).toMatchObject({
      'http.route': '/users/:id',
      'http.request.method': 'GET',
      'url.path': '/users/7',
      'http.response.status_code': 200n,
    });
    expect(hex(server.parentSpanId)).toBe('');
    // Express has a span for the handler in between.
    const between = harness.receiver.spans.find((span) => hex(span.spanId) === hex(client.parentSpanId));
    expect([hex(client.parentSpanId), hex(between?.parentSpanId ?? client.spanId)]).toContain(
      hex(server.spanId),
    );
    expect(hex(called.parentSpanId)).toBe(hex(client.spanId));
    expect(new Set([server, client, called].map((span) => hex(span.traceId))).size).toBe(1);

    const frontLine = await harness.log('asked for a user');
    const backLine = await harness.log('asked for items');
    expect(hex(frontLine.traceId)).toBe(hex(server.traceId));
    expect(hex(frontLine.spanId)).not.toBe('');
    expect(hex(backLine.traceId)).toBe(hex(server.traceId));
    const line = attributes(frontLine.attributes);
    expect(line['unhinged.destinations']).toMatch(/^CD[L-]$/);
    expect(line).toMatchObject({ userId: '7', 'unhinged.lake.rate': 0.1 });
    expect(frontLine.resource).toMatchObject({ 'service.name': 'gateway', 'unhinged.tier': 'gateway' });
    // C: one JSON object a line on stdout, with the same ids.
    const printed = gateway
      .stdout()
      .split('\n')
      .find((text) => text.includes('asked for a user'));
    expect(JSON.parse(printed ?? '')).toMatchObject({ level: 'info', traceId: hex(server.traceId) });
  });
});

describe('Express 4, which most still run', () => {
  const { fixtures, remove } = express4Apps();
  afterAll(remove);

  test.each(['esm', 'cjs'] as const)('%s: spans named by route, the error of a route kept', async (kind) => {
    const app = await harness.start(fixtures[kind], { OTEL_SERVICE_NAME: 'old' });
    expect((await fetch(`${app.url}/items/7`)).headers.get('x-powered-by')).toBe('Express');
    const server = await harness.span('GET /items/:id', SERVER, 'old');
    expect(attributes(server.attributes)).toMatchObject({ 'http.route': '/items/:id' });
    expect(hex((await harness.log('asked for items')).traceId)).toBe(hex(server.traceId));
    // The spans of its layers are those of version 4.
    const layer = await eventually('the span of the handler', () =>
      harness.receiver.spans.find(
        (span) => span.scope.endsWith('express') && hex(span.traceId) === hex(server.traceId),
      ),
    );
    expect(attributes(layer.attributes)['express.type']).toBe('request_handler');
    expect((await fetch(`${app.url}/fail`)).status).toBe(500);
    expect((await harness.span('GET /fail', SERVER, 'old')).status?.code).toBe(ERROR);
  });
});

describe('errors', () => {
  test.each(['esm-fastify/app.js', 'esm-express/app.js', 'cjs-fastify/app.cjs', 'cjs-express/app.cjs'])(
    '%s: a route that throws fails its span and the exception is kept',
    async (fixture) => {
      const app = await harness.start(fixture);
      expect((await fetch(`${app.url}/fail`)).status).toBe(500);
      const server = await harness.span('GET /fail', SERVER);
      expect(server.status?.code).toBe(ERROR);
      const event = await eventually('exception event', () =>
        harness.receiver.spans
          .filter((span) => hex(span.traceId) === hex(server.traceId))
          .flatMap((span) => span.events)
          .find((each) => each.name === 'exception'),
      );
      expect(attributes(event.attributes)['exception.message']).toMatch(/the \w+ route failed/);
    },
  );

  test('log.error marks the span of a request that answers 200', async () => {
    const app = await harness.start('esm-express/app.js');
    expect((await fetch(`${app.url}/soft-fail`)).status).toBe(200);
    const record = await harness.log('Query failed');
    expect(attributes(record.attributes)).toMatchObject({
      retryCount: 3n,
      'exception.message': 'the query failed',
      'unhinged.destinations': 'CDL',
      'unhinged.lake.rate': 1n,
    });
    const span = await eventually('span of the line', () =>
      harness.receiver.spans.find((each) => hex(each.spanId) === hex(record.spanId)),
    );
    expect(span.status).toMatchObject({ code: ERROR, message: 'Query failed' });
    expect(span.events.map((event) => event.name)).toContain('exception');
  });
});

describe('metrics', () => {
  test('are pushed and are on /metrics; ignored paths leave no trace', async () => {
    const app = await harness.start('esm-express/app.js', { OTEL_METRIC_EXPORT_INTERVAL: '200' });
    await fetch(`${app.url}/items/1`);
    for (const name of [
      'http.server.request.duration',
      'nodejs.eventloop.utilization',
      'unhinged.sdk.records',
    ]) {
      await eventually(`metric ${name}`, () =>
        harness.receiver.metrics.some((metric) => metric.name === name),
      );
    }
    const page = await fetch(`${app.url}/metrics`);
    expect(page.headers.get('content-type')).toBe('text/plain; version=0.0.4; charset=utf-8');
    const text = await page.text();
    expect(text).toMatch(/^http_server_request_duration_seconds_count\{.*http_route="\/items\/:id".*\} 1$/m);
    expect(text).toMatch(/^unhinged_sdk_records.*outcome="created".*$/m);
    await harness.span('GET /items/:id', SERVER);
    expect(harness.receiver.spans.filter((span) => span.name.includes('/metrics'))).toEqual([]);
  });
});

describe('the environment', () => {
  test.each(['grpc', 'http/protobuf', 'http/json'])(
    'OTLP over %s, with headers and gzip',
    async (protocol) => {
      const app = await harness.start('cjs-express/app.cjs', {
        OTEL_EXPORTER_OTLP_ENDPOINT:
          protocol === 'grpc' ? harness.receiver.grpcUrl : harness.receiver.httpUrl,
        OTEL_EXPORTER_OTLP_PROTOCOL: protocol,
        OTEL_EXPORTER_OTLP_HEADERS: 'x-tenant=a%20b',
        OTEL_RESOURCE_ATTRIBUTES: 'service.version=1.2.3,deployment.environment.name=staging',
        // Outside development one of ten requests is kept.
        OTEL_TRACES_SAMPLER: 'always_on',
        OTEL_METRIC_EXPORT_INTERVAL: '200',
      });
      await fetch(`${app.url}/items/1`);
      const span = await harness.span('GET /items/:id', SERVER);
      expect(span.resource).toMatchObject({
        'service.version': '1.2.3',
        'deployment.environment.name': 'staging',
      });
      await harness.log('asked for items');
      await eventually('metrics', () => harness.receiver.metrics.length > 0);
      for (const headers of harness.receiver.headers) expect(headers['x-tenant']).toBe('a b');
      // The exports themselves are in no trace.
      expect(harness.receiver.spans.filter((each) => each.kind === CLIENT)).toEqual([]);
      if (protocol !== 'grpc') {
        for (const headers of harness.receiver.headers) expect(headers['content-encoding']).toBe('gzip');
      }
    },
  );

  test('OTEL_SDK_DISABLED sends nothing and the app works', async () => {
    const app = await harness.start('esm-fastify/app.js', { OTEL_SDK_DISABLED: 'true' });
    expect((await fetch(`${app.url}/fail`)).status).toBe(500);
    app.process.kill('SIGTERM');
    await app.ended;
    expect(harness.receiver.headers).toEqual([]);
  });

  test('OTEL_TRACES_EXPORTER=none stops traces only', async () => {
    const app = await harness.start('esm-express/app.js', { OTEL_TRACES_EXPORTER: 'none' });
    await fetch(`${app.url}/items/1`);
    await harness.log('asked for items');
    app.process.kill('SIGTERM');
    await app.ended;
    expect(harness.receiver.spans).toEqual([]);
  });
});

describe('options in code', () => {
  test('a file given to --import starts with options and patches ESM too', async () => {
    const app = await harness.start('esm-express/app.js', {}, ['--import', './programs/telemetry.js']);
    await fetch(`${app.url}/items/1`);
    const span = await harness.span('GET /items/:id', SERVER, 'configured');
    expect(span.resource).toMatchObject({
      'unhinged.tier': 'backend',
      'unhinged.service.type': 'critical',
      team: 'search',
    });
  });

  test('CommonJS needs no more than --require', async () => {
    const app = await harness.start('cjs-express/app.cjs', {}, [
      '--require',
      '@unhinged/observability-node/register',
    ]);
    await fetch(`${app.url}/items/1`);
    await harness.span('GET /items/:id', SERVER);
  });

  test('hostile options and arguments are warned of by name and harm nothing', async () => {
    const app = await harness.start('programs/hostile.js', {}, []);
    expect(await app.ended).toEqual({ code: 0, signal: null });
    for (const name of [
      'service',
      'endpoint',
      'protocol',
      'headers',
      'ignorePaths',
      'metricIntervalMs',
      'tier',
    ]) {
      expect(app.stderr()).toContain(`startNode: option '${name}'`);
    }
    expect(app.stderr()).toContain("startNode: unknown option 'sevrice'");
    expect(app.stderr().split('already started')).toHaveLength(2);
    expect(app.stderr()).toMatch(/createLogger: .*'CXL'/);
    // The lines of the logger come at the end of the turn, after what was printed meanwhile.
    const printed = app.stdout().split('\n');
    const stats: unknown = JSON.parse(printed.find((line) => line.startsWith('{"policy"')) ?? '');
    expect(stats).toMatchObject({ spans: { created: 0 }, logs: { queued: 0 } });
  });
});

test('a burst of 10,000 spans in one tick arrives whole', async () => {
  const app = await harness.start('programs/burst.js', {}, []);
  expect(await app.ended).toEqual({ code: 0, signal: null });
  expect(JSON.parse(app.stdout())).toEqual({
    created: 10_000,
    exported: 10_000,
    sampledOut: 0,
    dropped: {},
    queued: 0,
  });
  expect(new Set(harness.receiver.spans.map((span) => span.name)).size).toBe(10_000);
});
