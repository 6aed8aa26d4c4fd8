import type { Browser, Page } from 'playwright-core';

import { launchBrowser } from './support/browser.js';
import { startSite, type Site, type SiteOptions } from './support/site.js';
import { eventually } from './support/system.js';

let browser: Browser;
let site: Site | undefined;
let page: Page;
let printed: string[];

beforeAll(async () => {
  browser = await launchBrowser();
});
afterAll(() => browser.close());
afterEach(async () => {
  await page.close();
  await site?.stop();
});

/** Opens a page that runs the whole SDK, at `sdk` in its window, and what the script adds. */
async function open(script = '', options: SiteOptions & { start?: string } = {}): Promise<Site> {
  const started = await startSite(
    `import * as web from '@unhinged/observability-web';
     const sdk = web.startWeb({ service: 'shop', endpoint: __OTLP__, environment: 'test', lakeRate: 1, ${options.start ?? ''} });
     Object.assign(window, { sdk, web, OTLP: __OTLP__ });
     ${script}`,
    options,
  );
  site = started;
  page = await browser.newPage();
  printed = [];
  page.on('console', (message) => {
    if (message.type() === 'error') printed.push(message.text());
  });
  page.on('pageerror', (error) => printed.push(error.message));
  await page.goto(started.url);
  await page.waitForFunction('window.sdk');
  return started;
}

const flush = () => page.evaluate('sdk.flush()');
/** Flushes until the spans of the name have arrived. */
const spansNamed = (from: Site, name: string, count = 1) =>
  eventually(`${String(count)} spans ${name}`, async () => {
    await flush();
    const found = from.spans.filter((span) => span.name === name);
    return found.length >= count ? found : undefined;
  });
/** Does something, as a rule a flush, until that many events of the name have arrived. */
const eventsNamed = (from: Site, name: string, count = 1, act: () => Promise<unknown> = flush) =>
  eventually(`${String(count)} events ${name}`, async () => {
    await act();
    const found = from.logs.filter((log) => log.plain['event.name'] === name || log.eventName === name);
    return found.length >= count ? found : undefined;
  });
const textOf = (value: unknown): string => (typeof value === 'string' ? value : '');
const hex = (id: Uint8Array | undefined): string => Buffer.from(id ?? []).toString('hex');

test('the load of the document continues the trace of the server that rendered it', async () => {
  const traceId = 'a'.repeat(32);
  const from = await open('', {
    head: `<meta name="traceparent" content="00-${traceId}-${'b'.repeat(16)}-01">`,
  });
  const [load] = await spansNamed(from, 'documentLoad');
  const [fetched] = await spansNamed(from, 'documentFetch');
  expect([hex(load?.traceId), hex(load?.parentSpanId)]).toEqual([traceId, 'b'.repeat(16)]);
  expect(hex(fetched?.parentSpanId)).toBe(hex(load?.spanId));
  expect(load?.plain['browser.navigation_timing.dom_interactive']).toBeGreaterThan(0);
});

test('a click is the parent of the requests its handlers make, across an await, and of nothing later', async () => {
  const from = await open(
    `document.querySelector('.big').addEventListener('click', async (event) => {
       event.stopPropagation();
       await fetch('/api/first');
       setTimeout(() => fetch('/api/later'), 50);
     });
     document.querySelector('.big').addEventListener('click', async () => {
       await Promise.resolve();
       await null;
       fetch('/api/second');
     });`,
    // The property `id` of this form is its field of that name.
    {
      body: '<form id="order"><input name="id" type="hidden"><button type="button" class="big">Buy for Ann</button></form>',
    },
  );
  await page.click('.big');
  const [click] = await spansNamed(from, 'browser.user_action.click');
  const requests = await spansNamed(from, 'GET', 3);
  const parents = Object.fromEntries(
    requests.map((span) => [new URL(textOf(span.plain['url.full'])).pathname, hex(span.parentSpanId)]),
  );
  expect(parents).toEqual({
    '/api/first': hex(click?.spanId),
    '/api/second': hex(click?.spanId),
    '/api/later': '',
  });
  expect(click?.plain).toMatchObject({
    'browser.css_selector': 'form#order > button.big',
    'browser.tag_name': 'BUTTON',
    'browser.mouse_event.button': 'left',
  });
  expect(JSON.stringify(click?.plain)).not.toContain('Ann');
  expect(printed).toEqual([]);
});

test('three quick clicks on one place are one event, two are none', async () => {
  const from = await open('', { body: '<button id="a">a</button><button id="b">b</button>' });
  // Without a delay they may have one time, and are then taken for one.
  const delay = 10;
  await page.click('#a', { clickCount: 2, delay });
  const rage = await eventsNamed(from, 'unhinged.rage_click', 1, async () => {
    // A machine that stops for a second between two of them has seen no quick ones: then again.
    await page.click('#b', { clickCount: 4, delay });
    await flush();
  });
  expect(rage.map((one) => one.plain['browser.css_selector'])).toEqual(['button#b']);
});

test.each(['with', 'without'])(
  'a change of route is a span and an event, %s the Navigation API',
  async (api) => {
    const from = await open('', {
      head:
        api === 'with'
          ? ''
          : '<script>Object.defineProperty(window, "navigation", { value: undefined })</script>',
    });
    await page.evaluate(`history.pushState({}, '', '/page/2'); history.replaceState({ scroll: 1 }, '');`);
    await page.evaluate(`history.pushState({}, '', '/page/2#part')`);
    await page.goBack();
    const spans = await spansNamed(from, 'browser.navigation', 3);
    expect(
      spans.map(({ plain }) => [
        new URL(textOf(plain['url.full'])).pathname,
        plain['browser.navigation.type'],
        plain['browser.navigation.hash_change'],
      ]),
    ).toEqual([
      ['/page/2', 'push', false],
      ['/page/2', 'push', true],
      ['/page/2', 'traverse', true],
    ]);
    const events = await eventsNamed(from, 'browser.navigation', 4);
    expect(events.map(({ plain }) => plain['browser.navigation.same_document'])).toEqual([
      false,
      true,
      true,
      true,
    ]);
  },
);

test('fetch and XHR: trace headers to the own origin only, sizes and phases of the timing, errors and aborts', async () => {
  const other = await startSite('', {});
  const from = await open();
  try {
    await page.evaluate(
      async ([elsewhere]) => {
        const xhr = (url: string, act: (xhr: XMLHttpRequest) => void = () => undefined): Promise<void> =>
          new Promise((resolve) => {
            const one = new XMLHttpRequest();
            one.open('post', url);
            one.onloadend = () => {
              resolve();
            };
            one.send('body');
            act(one);
          });
        await (await fetch('/api/own')).text();
        // Without CORS headers there the browser refuses the answer; with a trace header it would ask first (preflight).
        await fetch(`${String(elsewhere)}/api/else`, { mode: 'no-cors' });
        await xhr('/api/xhr');
        await xhr('/api/aborted', (one) => {
          one.abort();
        });
        await xhr(`${String(elsewhere)}/api/refused`);
      },
      [other.url],
    );
    const posts = await spansNamed(from, 'POST', 3);
    const gets = await spansNamed(from, 'GET', 2);
    const at = (path: string) =>
      [...posts, ...gets].find(({ plain }) => textOf(plain['url.full']).endsWith(path));
    const headerAt = (path: string) => from.calls.find((call) => call.url === path)?.headers['traceparent'];
    for (const path of ['/api/own', '/api/xhr']) {
      const span = at(path);
      expect(headerAt(path)).toBe(`00-${hex(span?.traceId)}-${hex(span?.spanId)}-01`);
      expect(span?.plain).toMatchObject({ 'http.response.status_code': 200, 'http.response.body.size': 2 });
      expect(span?.plain['unhinged.timing.wait']).toBeGreaterThan(0);
    }
    expect(other.calls.map((call) => [call.method, call.headers['traceparent']])).toEqual([
      ['GET', undefined],
      ['POST', undefined],
    ]);
    expect([at('/api/aborted')?.status?.code ?? 0, at('/api/aborted')?.plain['error.type']]).toEqual([
      0,
      'AbortError',
    ]);
    expect([at('/api/refused')?.status?.code, at('/api/refused')?.plain['error.type']]).toEqual([
      2,
      'NetworkError',
    ]);
    const red = await eventually('request histogram', async () => {
      await flush();
      return from.metrics.find(({ name }) => name === 'http.client.request.duration');
    });
    expect(red.data?.$case === 'histogram' && red.data.value.aggregationTemporality).toBe(1);
  } finally {
    await other.stop();
  }
});

test('a WebSocket is a span until it is open, and an event with its traffic when it closes', async () => {
  const from = await open();
  const code = await page.evaluate(
    () =>
      new Promise<number>((resolve) => {
        const socket = new WebSocket(location.href.replace('http', 'ws'));
        socket.onclose = (event) => {
          resolve(event.code);
        };
      }),
  );
  const [span] = await spansNamed(from, 'websocket connect');
  expect([span?.status?.code, span?.plain['error.type']]).toEqual([2, String(code)]);
  const [closed] = await eventsNamed(from, 'unhinged.websocket.close');
  expect(closed?.plain).toMatchObject({
    'unhinged.websocket.code': code,
    'unhinged.websocket.sent.messages': 0,
  });
  expect(
    await page.evaluate(`new WebSocket('ws://127.0.0.1:1/') instanceof WebSocket && WebSocket.name`),
  ).toBe('WebSocket');
});

test('vitals are measured after a late load, with what caused them, and as histograms; long frames name their script', async () => {
  const from = await open(
    `document.querySelector('#slow').addEventListener('click', function slowHandler() {
       const end = performance.now() + 200;
       while (performance.now() < end);
     });`,
    {
      head: `<script>window.observed = []; const { observe } = PerformanceObserver.prototype;
        PerformanceObserver.prototype.observe = function (what) { observed.push(what.type); observe.call(this, what); };</script>`,
      body: '<h1>Hello</h1><button id="slow">slow</button>',
    },
  );
  await page.waitForFunction(
    `performance.getEntriesByType('resource').some(({ name }) => name.includes('web-vitals'))`,
  );
  await page.waitForTimeout(500);
  await page.click('#slow');
  // The library looks at an interaction when the page is idle, after a second at the latest.
  await page.waitForTimeout(1_200);
  // Being hidden finishes LCP, CLS and INP. The page stays: what leaving loses is the delivery's affair.
  await page.evaluate(`Object.defineProperty(document, 'visibilityState', { value: 'hidden' });
    document.dispatchEvent(new Event('visibilitychange', { bubbles: true }));`);
  const vitals = await eventually('five vitals', () => {
    const found = from.logs.filter(({ plain }) => plain['event.name'] === 'browser.web_vital');
    return Promise.resolve(found.length >= 5 ? found : undefined);
  });
  const byName = Object.fromEntries(
    vitals.map(({ plain }) => [textOf(plain['browser.web_vital.name']), plain]),
  );
  expect(Object.keys(byName).sort()).toEqual(['cls', 'fcp', 'inp', 'lcp', 'ttfb']);
  expect(byName['inp']).toMatchObject({
    'browser.web_vital.attribution.interaction_target': 'button#slow',
    'browser.web_vital.attribution.interaction_type': 'pointer',
  });
  expect(byName['inp']?.['browser.web_vital.value']).toBeGreaterThanOrEqual(150);
  const ofLcp = (part: string) => Number(byName['lcp']?.[`browser.web_vital.attribution.${part}`]);
  expect(byName['lcp']?.['browser.web_vital.attribution.target']).toBe('html > body > h1');
  expect(
    ofLcp('time_to_first_byte') +
      ofLcp('resource_load_delay') +
      ofLcp('resource_load_duration') +
      ofLcp('element_render_delay'),
  ).toBeCloseTo(Number(byName['lcp']?.['browser.web_vital.value']), 3);
  // To watch every resource is dear: once for fetch and XHR together, from the first request on.
  const watchers = () => page.evaluate(`observed.filter((type) => type === 'resource').length`);
  expect(await watchers()).toBe(0);
  await page.evaluate(
    `fetch('/api/x'); const xhr = new XMLHttpRequest(); xhr.open('GET', '/api/y'); xhr.send();`,
  );
  expect(await watchers()).toBe(1);
  const frames = from.logs.filter(({ plain }) => plain['event.name'] === 'browser.long_animation_frame');
  expect(JSON.stringify(frames.map(({ plain }) => plain['browser.long_animation_frame.scripts']))).toContain(
    'slowHandler',
  );
  await eventually('the histograms', () => {
    const names = from.metrics.map(({ name }) => name);
    const all = ['browser.web_vital.inp', 'browser.web_vital.lcp'].every((name) => names.includes(name));
    return Promise.resolve(all || undefined);
  });
});

test('errors arrive with their stacks, and an unhandled rejection of a fetch is still one', async () => {
  const from = await open();
  await page.evaluate(
    `setTimeout(() => { throw new RangeError('far off'); }); fetch('http://127.0.0.1:1/').then(() => 1); 0`,
  );
  const errors = await eventsNamed(from, 'exception', 2);
  expect(errors.map(({ plain }) => plain['exception.type']).sort()).toEqual(['RangeError', 'TypeError']);
  expect(errors.every(({ plain }) => textOf(plain['exception.stacktrace']).includes('at '))).toBe(true);
  expect(errors.map(({ severityNumber }) => severityNumber)).toEqual([17, 17]);
});

test('the console is taken only when asked to, and lines of our loggers once', async () => {
  const silent = await open();
  await page.evaluate(`console.error('private')`);
  await flush();
  expect(silent.logs.filter(({ plain }) => plain['event.name'] === 'browser.console')).toEqual([]);
  await page.close();
  await silent.stop();

  const from = await open('', { start: 'instruments: { console: true }, flags: "CD"' });
  await page.evaluate(`console.warn('low on', { milk: 1 }); web.createLogger().warn('mine');`);
  const [line] = await eventsNamed(from, 'browser.console');
  expect(line?.body?.value?.value).toBe('low on {"milk":1}');
  expect(from.logs.filter(({ body }) => body?.value?.value === 'mine')).toHaveLength(1);
  expect(from.logs.filter(({ plain }) => plain['event.name'] === 'browser.console')).toHaveLength(1);
});

test('an instrument that is switched off records nothing and patches nothing', async () => {
  const from = await open('', {
    start:
      'instruments: { fetch: false, xhr: false, webSocket: false, userActions: false, documentLoad: false }',
    body: '<button id="go">go</button>',
  });
  await page.click('#go');
  expect(
    await page.evaluate(`fetch.toString().includes('native') && WebSocket.toString().includes('native')`),
  ).toBe(true);
  await page.evaluate(`fetch('/api/x')`);
  await flush();
  expect(from.spans).toEqual([]);
  expect(from.calls.find(({ url }) => url === '/api/x')?.headers['traceparent']).toBeUndefined();
});
