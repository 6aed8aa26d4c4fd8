import type { Browser, Page } from 'playwright-core';
import type { KeyValue } from '@unhinged/observability-proto/otlp';

import { launchBrowser } from './support/browser.js';
import { startSite, type Site, type SiteOptions } from './support/site.js';
import { eventually } from './support/system.js';

let browser: Browser;
let site: Site;

beforeAll(async () => {
  browser = await launchBrowser();
});
afterAll(() => browser.close());
afterEach(() => site.stop());

const IMPORTS = `import * as web from '@unhinged/observability-web';
  import { metrics } from '@opentelemetry/api';
  Object.assign(window, { web, metrics, OTLP: __OTLP__ });`;

async function open(script: string, options: SiteOptions = {}, path = '/'): Promise<Page> {
  site = await startSite(`${IMPORTS}\n${script}\nwindow.ready = true;`, options);
  const context = await browser.newContext();
  const page = await context.newPage();
  await page.goto(site.url + path);
  await page.waitForFunction('window.ready');
  return page;
}

const start = (more: string) =>
  `window.sdk = web.startWeb({ service: 'shop', endpoint: __OTLP__, ${more} });`;

const textOf = (attributes: KeyValue[], key: string): string => {
  const value = attributes.find((one) => one.key === key)?.value?.value;
  return value?.$case === 'stringValue' ? value.value : '';
};

test('of 600 short sessions at 1 % every one with an error is kept whole, few others, and the three signals agree', async () => {
  const page = await open('');
  const failing = await page.evaluate(async () => {
    const { web, metrics, OTLP } = window as never as {
      web: typeof import('@unhinged/observability-web');
      metrics: typeof import('@opentelemetry/api').metrics;
      OTLP: string;
    };
    let seed = 20_261_123;
    const random = () => (seed = (seed * 48_271) % 2_147_483_647) / 2_147_483_647;
    const hex = (digits: number) =>
      Array.from({ length: digits }, () => Math.floor(random() * 16).toString(16)).join('');
    const failing: string[] = [];
    for (let n = 0; n < 600; n++) {
      const id = hex(32);
      const now = Date.now();
      localStorage.setItem('unhinged.session', JSON.stringify({ id, startedMs: now, seenMs: now }));
      const sdk = web.startWeb({
        service: 'shop',
        endpoint: OTLP,
        environment: 'production',
        flags: 'D',
        instruments: { navigation: false, documentLoad: false, webVitals: false },
      });
      if (sdk.sessionId() !== id) throw new Error('another session');
      const visits = metrics.getMeter('shop').createCounter('visits');
      visits.add(1, { session: id });
      web.trace('first', () => undefined);
      web.createLogger().info('first');
      // Metrics are collected and wait with the rest.
      await sdk.flush();
      const kind = n % 10;
      if (kind === 0) web.createLogger().error('failed');
      if (kind === 1) void Promise.reject(new Error('unhandled'));
      if (kind === 2)
        await web.trace('refused', () => Promise.reject(new Error('no'))).catch(() => undefined);
      if (kind <= 2) {
        // The browser tells of a rejection in a task of its own.
        while (localStorage.getItem('unhinged.session')?.includes('"kept":true') !== true)
          await new Promise((resolve) => setTimeout(resolve));
        failing.push(id);
      }
      web.trace('last', () => undefined);
      web.createLogger().info('last');
      visits.add(1, { session: id });
      await sdk.flush();
      const { held, sampledOut } = sdk.stats().sampling;
      if (kind <= 2 && held.spans + held.logs + held.metrics + sampledOut.spans > 0)
        throw new Error('not all sent');
      await sdk.shutdown();
    }
    return failing;
  });
  const sessionsOf = (list: { plain: Record<string, unknown> }[]) =>
    new Set(list.map(({ plain }) => String(plain['session.id'])));
  const inSpans = sessionsOf(site.spans);
  const inLogs = sessionsOf(site.logs);
  const points = site.metrics.flatMap(({ name, data }) =>
    name === 'visits' && data?.$case === 'sum' ? data.value.dataPoints : [],
  );
  const inMetrics = new Set(points.map(({ attributes }) => textOf(attributes, 'session')));
  expect(failing).toHaveLength(180);
  expect(failing.filter((id) => !inSpans.has(id) || !inLogs.has(id) || !inMetrics.has(id))).toEqual([]);
  expect([...inLogs].sort()).toEqual([...inSpans].sort());
  expect([...inMetrics].sort()).toEqual([...inSpans].sort());
  // 1 % of the 420 others.
  const others = [...inSpans].filter((id) => !failing.includes(id));
  expect(others.length).toBeGreaterThan(0);
  expect(others.length).toBeLessThan(14);
  for (const id of inSpans) {
    const names = site.spans.filter(({ plain }) => plain['session.id'] === id).map(({ name }) => name);
    expect(names).toEqual(expect.arrayContaining(['first', 'last']));
    const own = site.spans.find(({ name, plain }) => name === 'last' && plain['session.id'] === id);
    expect(own?.traceState).toMatch(failing.includes(id) ? /^ot=th:0$/ : /^ot=th:fd70a$/);
  }
});

test('a session is that of all tabs and of the next load, tells of its start and the one before, and sets no cookie', async () => {
  const page = await open(start(''));
  const context = page.context();
  const other = await context.newPage();
  await other.goto(`${site.url}/page/2`);
  await other.waitForFunction('window.ready');
  const idIn = (at: Page) => at.evaluate<string>('sdk.sessionId()');
  const id = await idIn(page);
  expect(id).toMatch(/^[0-9a-f]{32}$/);
  expect(await idIn(other)).toBe(id);
  await page.reload();
  await page.waitForFunction('window.ready');
  expect(await idIn(page)).toBe(id);
  expect(await context.cookies()).toEqual([]);
  // Half an hour later: the first tab that does something begins a new one, the other follows.
  await page.evaluate(`{
    const state = JSON.parse(localStorage.getItem('unhinged.session'));
    localStorage.setItem('unhinged.session', JSON.stringify({ ...state, seenMs: state.seenMs - 1_800_000, startedMs: state.startedMs - 1_800_000 }));
  }`);
  await page.reload();
  await page.waitForFunction('window.ready');
  const next = await idIn(page);
  expect(next).not.toBe(id);
  await eventually('the other tab', async () => ((await idIn(other)) === next ? true : undefined));
  const events = await eventually('session events', async () => {
    await page.evaluate('sdk.flush()');
    const found = site.logs.filter(({ plain }) =>
      (plain['event.name'] as string | undefined)?.startsWith('session.'),
    );
    return found.length >= 3 ? found : undefined;
  });
  expect(
    events.map(({ plain }) => [plain['event.name'], plain['session.id'], plain['session.previous_id']]),
  ).toEqual([
    ['session.start', id, undefined],
    ['session.end', id, undefined],
    ['session.start', next, id],
  ]);
  await context.close();
});

test('no value of a query leaves the page, the hooks have the last word, and only setUser says who it is', async () => {
  const page = await open(
    start(`lakeRate: 1, flags: 'CD',
      redactAttributes: (attributes) => {
        const { card, ...rest } = attributes;
        return rest;
      }`),
    {},
    '/page/1?token=SECRET#access_token=SECRET',
  );
  await page.evaluate(async () => {
    const { web } = window as never as { web: typeof import('@unhinged/observability-web') };
    web.createLogger().info('before', { card: 'SECRET' });
    web.setUser('ann');
    await fetch('/api/search?q=SECRET&page=2');
    history.pushState({}, '', '/page/2?code=SECRET');
    web.createLogger().info('after', { card: 'SECRET' });
    setTimeout(() => {
      throw new Error('x');
    });
    await new Promise((resolve) => setTimeout(resolve, 300));
  });
  const all = await eventually('everything', async () => {
    await page.evaluate('sdk.flush()');
    const isThere =
      site.spans.some(({ name }) => name === 'GET') && site.logs.some(({ plain }) => plain['exception.type']);
    return isThere && site.spans.some(({ name }) => name === 'browser.navigation')
      ? JSON.stringify([site.spans, site.logs], (_, value: unknown) =>
          typeof value === 'bigint' ? String(value) : value,
        )
      : undefined;
  });
  expect(all).not.toContain('SECRET');
  expect(all).toContain('/api/search?q=REDACTED&page=REDACTED');
  const line = (message: string) => site.logs.find(({ body }) => body?.value?.value === message)?.plain;
  expect([line('before')?.['user.id'], line('after')?.['user.id']]).toEqual([undefined, 'ann']);
  expect(site.spans.find(({ name }) => name === 'GET')?.plain['user.id']).toBe('ann');
  await page.context().close();
});

test('a browser that asks for privacy is left alone where the page honours that', async () => {
  const head = '<script>Object.defineProperty(navigator, "globalPrivacyControl", { value: true })</script>';
  const page = await open(start('respectDoNotTrack: true'), { head });
  await page.evaluate(`web.createLogger({ flags: 'D' }).error('x'); sdk.flush()`);
  expect(await page.evaluate(`fetch.toString().includes('native code')`)).toBe(true);
  expect([site.spans, site.logs, await page.evaluate('localStorage.length')]).toEqual([[], [], 0]);
  await page.context().close();
});

test('an error in one tab keeps the session in the others; a back end that keeps a trace keeps its part of the page', async () => {
  const page = await open(
    start(`sampleRate: 0, flags: 'D', instruments: { navigation: false, documentLoad: false }`),
    {
      answer(request, response) {
        const [, traceId = ''] = String(request.headers['traceparent']).split('-');
        if (request.url === '/api/failed-inside')
          response.setHeader('traceresponse', `00-${traceId}-${'b'.repeat(16)}-01`);
        return false;
      },
    },
  );
  const other = await page.context().newPage();
  await other.goto(site.url);
  await other.waitForFunction('window.ready');
  await page.evaluate(`(async () => {
    await fetch('/api/fine');
    await web.trace('around', () => fetch('/api/failed-inside'));
  })()`);
  const kept = await eventually('the kept trace', async () => {
    await page.evaluate('sdk.flush()');
    return site.spans.length >= 2 ? site.spans : undefined;
  });
  expect(
    kept
      .map(({ name, plain }) => (name === 'GET' ? new URL(plain['url.full'] as string).pathname : name))
      .sort(),
  ).toEqual(['/api/failed-inside', 'around']);
  // Not kept as far as the page knew when it called.
  const flags = site.calls.flatMap(({ headers }) => headers['traceparent']?.slice(-2) ?? []);
  expect(flags).toEqual(['00', '00']);
  // Their fellows in sampled sessions have been counted for them.
  expect(kept.map(({ traceState }) => traceState)).toEqual(['unhinged=c:0', 'unhinged=c:0']);

  await other.evaluate(`web.createLogger().info('quiet tab')`);
  await page.evaluate(`web.createLogger().error('loud tab')`);
  const lines = await eventually('both tabs', async () => {
    await Promise.all([page.evaluate('sdk.flush()'), other.evaluate('sdk.flush()')]);
    const found = site.logs.map(({ body }) => body?.value?.value);
    return found.includes('quiet tab') && found.includes('loud tab') ? found : undefined;
  });
  expect(lines).toContain('session.start');
  expect(
    site.spans.some(({ plain }) => (plain['url.full'] as string | undefined)?.endsWith('/api/fine')),
  ).toBe(true);
  await page.context().close();
});
