import { jest } from '@jest/globals';
import { metrics, trace as api } from '@opentelemetry/api';
import { createLogger, startWeb, trace, within, type WebSdk } from './index.js';
import { eventually, hex, startReceiver, type Receiver } from './testing/receiver.js';

let receiver: Receiver;
let sdk: WebSdk | undefined;
let printed: jest.Spied<typeof console.error>[];

type Options = Parameters<typeof startWeb>[0];
const start = (options: Partial<Options> = {}) =>
  (sdk = startWeb({
    service: 'shop',
    endpoint: receiver.url,
    environment: 'production',
    version: '1.2.3',
    sampleRate: 1,
    // Its event for the load itself would be in every test.
    instruments: { navigation: false },
    ...options,
  }));

beforeEach(async () => {
  receiver = await startReceiver();
  printed = (['debug', 'info', 'warn', 'error'] as const).map((method) =>
    jest.spyOn(console, method).mockImplementation(() => undefined),
  );
});
afterEach(async () => {
  await sdk?.shutdown();
  sdk = undefined;
  await receiver.close();
  jest.restoreAllMocks();
});
const [debug, info, warn, error] = [0, 1, 2, 3] as const;
const lastPrint = (method: number) => printed[method]?.mock.calls.at(-1);

describe('traces', () => {
  test('a span started by hand arrives with resource and session', async () => {
    start({ attributes: { team: 'blue' } });
    api.getTracer('app').startSpan('checkout').end();
    await sdk?.flush();
    const span = receiver.spans.find((one) => one.name === 'checkout');
    expect(span?.resource).toMatchObject({
      'service.name': 'shop',
      'service.version': '1.2.3',
      'deployment.environment.name': 'production',
      'unhinged.tier': 'web',
      'unhinged.service.type': 'frontend',
      'telemetry.sdk.name': '@unhinged/observability-web',
      team: 'blue',
    });
    expect(span?.plain['session.id']).toMatch(/^[0-9a-f]{32}$/);
    expect(receiver.exports[0]?.contentType).toBe('application/x-protobuf');
  });

  test('a request inside trace() is its child, and carries the header to an allowed address only', async () => {
    start({ propagateTo: [`${receiver.url}/api`] });
    await trace('send message', async () => {
      await Promise.all([fetch(`${receiver.url}/api/allowed`), fetch(`${receiver.url}/other`)]);
    });
    await arrived(() => named('GET').length === 2, 'two request spans');
    const [parent] = named('send message');
    expect(named('GET').map((span) => hex(span.parentSpanId))).toEqual([
      hex(parent?.spanId ?? empty),
      hex(parent?.spanId ?? empty),
    ]);
    const [allowed, other] = ['/api/allowed', '/other'].map((path) =>
      receiver.calls.find((call) => call.path === path),
    );
    const child = named('GET').find((span) => span.plain['url.full'] === `${receiver.url}/api/allowed`);
    expect(allowed?.headers['traceparent']).toBe(
      `00-${hex(child?.traceId ?? empty)}-${hex(child?.spanId ?? empty)}-01`,
    );
    expect(other?.headers['traceparent']).toBeUndefined();
    expect(child?.plain).toMatchObject({ 'http.request.method': 'GET', 'http.response.status_code': 200 });
  });

  test('a request that fails, by status or without an answer, is an error', async () => {
    start();
    await fetch(`${receiver.url}/api/fail`);
    await fetch('http://127.0.0.1:1/closed').catch(() => undefined);
    await arrived(() => named('GET').length === 2, 'two request spans');
    expect(named('GET').map((span) => [span.status?.code, span.plain['error.type']])).toEqual(
      expect.arrayContaining([
        [2, '500'],
        [2, 'TypeError'],
      ]),
    );
  });

  test('trace() gives back what the function gives, and marks and passes on what it throws', async () => {
    start();
    expect(trace('sync', () => 1)).toBe(1);
    await expect(trace('async', () => Promise.resolve(2))).resolves.toBe(2);
    expect(() =>
      trace('throws', () => {
        throw new RangeError('far');
      }),
    ).toThrow('far');
    await expect(trace('rejects', () => Promise.reject(new Error('late')))).rejects.toThrow('late');
    await sdk?.flush();
    expect(receiver.spans.map((span) => [span.name, span.status?.code ?? 0, span.events[0]?.name])).toEqual([
      ['sync', 0, undefined],
      ['async', 0, undefined],
      ['throws', 2, 'exception'],
      ['rejects', 2, 'exception'],
    ]);
  });

  test('after an await the span is gone, and within() brings it back', async () => {
    start();
    await trace('outer', async (span) => {
      await Promise.resolve();
      expect(api.getActiveSpan()).toBeUndefined();
      within(span, () => {
        expect(api.getActiveSpan()).toBe(span);
      });
    });
  });

  test('the load of the document is a trace', async () => {
    // jsdom has no navigation timing; this is what a browser says.
    const timing = {
      name: location.href,
      entryType: 'navigation',
      fetchStart: 1,
      responseEnd: 5,
      loadEventEnd: 20,
    };
    const old = performance.getEntriesByType.bind(performance);
    performance.getEntriesByType = ((type: string) =>
      type === 'navigation' ? [timing] : []) as unknown as typeof old;
    try {
      start();
      await arrived(() => named('documentLoad').length === 1, 'documentLoad');
    } finally {
      performance.getEntriesByType = old;
    }
    expect(hex(named('documentFetch')[0]?.parentSpanId ?? empty)).toBe(
      hex(named('documentLoad')[0]?.spanId ?? empty),
    );
  });

  test('its own exports leave no span, whoever times them', async () => {
    start({ propagateTo: [receiver.url] });
    api.getTracer('t').startSpan('work').end();
    await sdk?.flush();
    await fetch(`${receiver.url}/v1/traces`, { method: 'POST' });
    api
      .getTracer('t')
      .startSpan('resourceFetch', { attributes: { 'url.full': `${receiver.url}/v1/logs` } })
      .end();
    await fetch(`${receiver.url}/api/x`);
    await arrived(() => named('GET').length === 1, 'the span of the ordinary request');
    expect(receiver.spans.map((span) => span.name).sort()).toEqual(['GET', 'work']);
    expect(receiver.exports.every((one) => one.traceparent === undefined)).toBe(true);
    expect(receiver.calls[0]?.headers['traceparent']).toBeDefined();
  });
});

describe('logs', () => {
  test('C prints; D and L travel as records with destinations, rate, session and the active span', async () => {
    start();
    const log = createLogger().child({ component: 'cart' });
    let span = { traceId: '', spanId: '' };
    trace('checkout', (active) => {
      span = active.spanContext();
      log.error('Payment failed', new TypeError('no card', { cause: new Error('declined') }), {
        cart: { items: 3 },
      });
    });
    await sdk?.flush();
    const [record] = receiver.logs;
    expect(hex(record?.traceId ?? empty)).toBe(span.traceId);
    expect(hex(record?.spanId ?? empty)).toBe(span.spanId);
    expect(record).toMatchObject({
      severityNumber: 17,
      severityText: 'ERROR',
      scopeName: 'cart',
      body: { value: { value: 'Payment failed' } },
    });
    expect(record?.plain).toMatchObject({
      'unhinged.destinations': 'CDL',
      'unhinged.lake.rate': 1,
      'unhinged.component': 'cart',
      'exception.type': 'TypeError',
      'exception.message': 'no card',
      'unhinged.exception.causes': [{ type: 'Error', message: 'declined' }],
      cart: { items: 3 },
      'session.id': named('checkout')[0]?.plain['session.id'],
    });
    expect(record?.resource['service.name']).toBe('shop');
    expect(lastPrint(error)?.slice(0, 3)).toEqual([
      '%s',
      '[shop/cart] Payment failed',
      { cart: { items: 3 } },
    ]);
    expect(named('checkout')[0]).toMatchObject({
      status: { code: 2, message: 'Payment failed' },
      events: [{ name: 'exception' }],
    });
  });

  test('flags decide: by environment, by startWeb, by logger, at run time', async () => {
    start({ environment: 'development' });
    expect(createLogger().flags).toBe('C--');
    await sdk?.shutdown();
    start({ environment: 'development', flags: '+D' });
    expect(createLogger().flags).toBe('CD-');
    const log = createLogger({ flags: 'D' });
    log.info('sent');
    log.chmod('-D').info('kept back');
    await sdk?.flush();
    expect(receiver.logs.map((one) => one.body?.value?.value)).toEqual(['sent']);
    expect(lastPrint(info)).toBeUndefined();
  });

  test('a logger made before startWeb takes its service and flags when it starts', async () => {
    const log = createLogger();
    const changed = createLogger().chmod('-C');
    log.info('early');
    expect(lastPrint(info)).toEqual(['%s', '[unknown_service] early']);
    start({ flags: 'D', lakeRate: 1 });
    expect([log.flags, changed.flags]).toEqual(['-D-', '---']);
    log.warn('late');
    await sdk?.flush();
    expect(receiver.logs.map((one) => [one.body?.value?.value, one.resource['service.name']])).toEqual([
      ['late', 'shop'],
    ]);
    expect(lastPrint(warn)).toBeUndefined();
  });

  test('lines that nobody can send are counted, not thrown', () => {
    const log = createLogger({ flags: 'D' });
    log.info('x');
    expect(log.failed).toBe(1);
  });

  test('a logger with a service of its own sends as that service', async () => {
    start();
    createLogger({ service: 'shop-analytics', flags: 'L' }).info('viewed');
    await sdk?.flush();
    expect(receiver.logs[0]?.resource).toMatchObject({
      'service.name': 'shop-analytics',
      'unhinged.tier': 'web',
    });
    expect(receiver.logs[0]?.plain).toMatchObject({
      'unhinged.destinations': '--L',
      'unhinged.lake.rate': 1,
    });
  });

  test('uncaught errors and unhandled rejections are error lines, and are not printed twice', async () => {
    start({ environment: 'development' });
    window.dispatchEvent(
      new ErrorEvent('error', {
        message: 'Uncaught boom',
        error: new Error('boom'),
        filename: 'http://x/app.js',
        lineno: 3,
      }),
    );
    window.dispatchEvent(Object.assign(new Event('unhandledrejection'), { reason: new TypeError('nope') }));
    await sdk?.flush();
    expect(
      receiver.logs.map((one) => [one.body?.value?.value, one.plain['exception.message'], one.scopeName]),
    ).toEqual([
      ['Uncaught boom', 'boom', 'uncaught'],
      ['Unhandled rejection: TypeError: nope', 'nope', 'uncaught'],
    ]);
    expect(receiver.logs[0]?.plain).toMatchObject({
      line: 3,
      url: 'http://x/app.js',
      'exception.stacktrace': expect.any(String) as string,
    });
    expect(lastPrint(error)).toBeUndefined();
  });
});

describe('metrics', () => {
  test('requests have a duration histogram, and the application its own instruments', async () => {
    start();
    metrics.getMeter('app').createCounter('clicks').add(2);
    await fetch(`${receiver.url}/api/x`);
    const duration = () => receiver.metrics.find((metric) => metric.name === 'http.client.request.duration');
    await arrived(() => duration() !== undefined, 'duration histogram');
    expect(duration()?.unit).toBe('s');
    const data = duration()?.data;
    if (data?.$case !== 'histogram') throw new Error('not a histogram');
    const [point] = data.value.dataPoints;
    expect(point?.count).toBe(1n);
    expect(point?.sum).toBeGreaterThan(0);
    expect(point?.attributes.map((attribute) => attribute.key).sort()).toEqual([
      'http.request.method',
      'http.response.status_code',
      'server.address',
      'server.port',
    ]);
    expect(
      receiver.metrics.some(
        (metric) => metric.name === 'clicks' && metric.resource['service.name'] === 'shop',
      ),
    ).toBe(true);
  });
});

describe('leaving the page', () => {
  test.each([
    [
      'visibilitychange',
      () => {
        Object.defineProperty(document, 'visibilityState', { value: 'hidden', configurable: true });
        document.dispatchEvent(new Event('visibilitychange', { bubbles: true }));
      },
    ],
    ['pagehide', () => window.dispatchEvent(new Event('pagehide'))],
  ])('%s sends what waits', async (_name, leave) => {
    start();
    api.getTracer('t').startSpan('last').end();
    createLogger({ flags: 'D' }).info('last words');
    leave();
    await eventually(() => receiver.logs.length === 1 && named('last').length === 1, 'both sent');
    Reflect.deleteProperty(document, 'visibilityState');
  });
});

describe('never in the way', () => {
  test('wrong options are reported by name and the defaults used', async () => {
    sdk = startWeb({
      service: '',
      endpoint: 'ftp://x',
      flags: 'XYZ',
      propagateTo: ['api'],
      lakeRate: 9,
      sevice: 'a',
    } as unknown as Options);
    const problems = (printed[error]?.mock.calls ?? []).map(([text]) => String(text));
    for (const name of ['service', 'endpoint', 'flags', 'propagateTo', 'lakeRate']) {
      expect(problems.some((problem) => problem.startsWith(`[unhinged] startWeb: option "${name}"`))).toBe(
        true,
      );
    }
    expect(problems.some((problem) => problem.includes('unknown option "sevice"'))).toBe(true);
    createLogger().info('still here');
    expect(lastPrint(info)).toEqual(['%s', '[unknown_service] still here']);
    await Promise.resolve();
  });

  test('a receiver that is not there disturbs nobody', async () => {
    sdk = startWeb({ service: 'shop', endpoint: 'http://127.0.0.1:1', flags: 'D' });
    createLogger().info('x');
    expect(lastPrint(debug)).toBeUndefined();
    await expect(fetch(`${receiver.url}/api/x`)).resolves.toHaveProperty('status', 200);
  });

  test('what is recorded, sent and dropped is counted, and the first drop told', async () => {
    start();
    api.getTracer('t').startSpan('a').end();
    createLogger({ flags: 'D' }).info('b');
    await sdk?.flush();
    const arrived = { recorded: 1, waiting: 0, sent: 1, queued: 0, dropped: {} };
    expect(sdk?.stats()).toEqual({
      spans: arrived,
      logs: arrived,
      metrics: { ...arrived, recorded: 0, sent: 0 },
      queue: { sent: 0, dropped: {} },
      sampling: {
        held: { spans: 0, logs: 0, metrics: 0 },
        sampledOut: { spans: 0, logs: 0, metrics: 0 },
      },
    });
    receiver.refuse = 400;
    for (let round = 0; round < 2; round++) {
      createLogger({ flags: 'D' }).info('c');
      await sdk?.flush();
    }
    expect(sdk?.stats().logs).toEqual({
      recorded: 3,
      waiting: 0,
      sent: 1,
      queued: 0,
      dropped: { refused: 2 },
    });
    const told = printed[error]?.mock.calls.filter(([text]) =>
      String(text).includes('Dropped 1 logs (refused)'),
    );
    expect(told).toHaveLength(1);
  });

  test('a second start keeps the first, and after shutdown the page is as before', async () => {
    const first = start();
    expect(startWeb({ service: 'other' })).toBe(first);
    await first.shutdown();
    await first.shutdown();
    expect(api.getTracer('t').startSpan('x').isRecording()).toBe(false);
    window.dispatchEvent(Object.assign(new Event('unhandledrejection'), { reason: 'after' }));
    await fetch(`${receiver.url}/api/after`);
    expect(receiver.calls[0]?.headers['traceparent']).toBeUndefined();
    expect(receiver.logs).toEqual([]);
  });
});

const empty = new Uint8Array();
const named = (name: string) => receiver.spans.filter((span) => span.name === name);
/** Flushes until the claim is true. */
const arrived = (claim: () => boolean, what: string) =>
  eventually(() => {
    void sdk?.flush();
    return claim();
  }, what);
