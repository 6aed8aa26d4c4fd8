import type { Browser, BrowserContext, Page } from 'playwright-core';

import { launchBrowser } from './support/browser.js';
import { allow, refuse, startCollector, type Collector } from './support/collector.js';
import { startSite, type Site } from './support/site.js';
import { eventually } from './support/system.js';

let browser: Browser;
let context: BrowserContext;
let collector: Collector;
let site: Site;

beforeAll(async () => {
  browser = await launchBrowser();
});
afterAll(() => browser.close());
beforeEach(async () => {
  collector = await startCollector();
  context = await browser.newContext();
});
afterEach(async () => {
  await context.close();
  await site.stop();
  await collector.stop();
});

/**
 * A page with the SDK at `sdk`, `say(text)` for a line and `work(name)` for a span. Its clock can be moved. A busy machine has long frames,
 * which would be lines of their own.
 */
async function open({ start = '', setUp = '', clock = true } = {}): Promise<Page> {
  site = await startSite(
    `import * as web from '@unhinged/observability-web';
     ${setUp}
     const sdk = web.startWeb({ service: 'shop', endpoint: __OTLP__, environment: 'test', flags: 'DL', lakeRate: 1,
       instruments: { longFrames: false }, ${start} });
     const log = web.createLogger();
     Object.assign(window, { web, sdk, say: (text) => log.info(text), work: (name) => web.trace(name, () => 0) });`,
    { otlp: collector.url },
  );
  return openTab(clock);
}

async function openTab(clock = true): Promise<Page> {
  const page = await context.newPage();
  if (clock) await page.clock.install();
  await page.goto(site.url);
  await page.waitForFunction('window.sdk');
  return page;
}

interface Stats {
  logs: { recorded: number; waiting: number; sent: number; queued: number; dropped: Record<string, number> };
  queue: { sent: number; dropped: Record<string, number> };
}
const stats = (page: Page) => page.evaluate<Stats>('sdk.stats()');
const flush = (page: Page) => page.evaluate('sdk.flush()');
const away = (request: unknown, response: { destroy(): void }): true => {
  response.destroy();
  return true;
};
const once = (names: string[]) => names.map((name) => [name, 1]);
const of = (stored: Map<string, number>, prefix: string) =>
  [...stored].filter(([name]) => name.startsWith(prefix)).sort(([a], [b]) => a.localeCompare(b));
const names = (prefix: string, count: number) =>
  Array.from({ length: count }, (_, at) => `${prefix} ${String(at).padStart(3, '0')}`);

/** Flushes, letting the backoff pass, until the queue has been sent. */
async function drained(page: Page, expected: number): Promise<void> {
  await eventually('the queue is sent', async () => {
    await flush(page);
    return (await stats(page)).queue.sent >= expected ? true : undefined;
  });
}

test('offline for ten minutes, a reload, online again: everything is there, once', async () => {
  const page = await open();
  await flush(page);
  await context.setOffline(true);
  for (const [at, line] of names('offline', 30).entries()) {
    await page.evaluate(
      `say(${JSON.stringify(line)}); work(${JSON.stringify(`work ${String(at).padStart(3, '0')}`)})`,
    );
    await page.clock.fastForward(20_000);
  }
  await eventually('all in the queue', async () => {
    const { logs } = await stats(page);
    return logs.waiting === 0 && logs.queued >= 30 ? true : undefined;
  });
  // The page comes back before the collector does.
  collector.mood = away;
  await context.setOffline(false);
  await page.reload();
  await page.waitForFunction('window.sdk');
  await page.evaluate(`say('after the reload')`);
  await flush(page);
  expect((await stats(page)).queue.sent).toBe(0);
  collector.mood = undefined;
  await drained(page, 60);
  const lines = await collector.lines();
  expect(of(lines, 'offline')).toEqual(once(names('offline', 30)));
  expect(lines.get('after the reload')).toBe(1);
  expect(of(await collector.spans(), 'work')).toEqual(once(names('work', 30)));
});

test('beyond its caps the queue takes no more, what is too old is not sent, and all of it is counted', async () => {
  const page = await open({
    start:
      'offlineQueue: { maxBatches: 4, maxAgeMs: 60000 }, instruments: { longFrames: false, navigation: false, webVitals: false }',
  });
  await flush(page);
  const before = (await stats(page)).logs;
  collector.mood = away;
  for (const line of names('full', 6)) {
    await page.evaluate(`say(${JSON.stringify(line)})`);
    await flush(page);
  }
  const { logs } = await stats(page);
  expect(logs.queued - before.queued).toBe(4);
  expect(logs.dropped).toEqual({ queue_full: 2 });
  expect(logs.recorded).toBe(logs.sent + logs.queued + logs.waiting + 2);
  await page.clock.fastForward(61_000);
  collector.mood = undefined;
  await page.evaluate(`say('fresh')`);
  await eventually('the old ones are gone', async () => {
    await flush(page);
    return (await stats(page)).queue.dropped['expired'] === 4 ? true : undefined;
  });
  const lines = await collector.lines();
  expect(of(lines, 'full')).toEqual([]);
  expect(lines.get('fresh')).toBe(1);
});

describe('a collector in trouble stalls nothing and fills nothing', () => {
  test.each([
    ['429 with Retry-After', 429, { 'retry-after': '60' }],
    ['503 with Retry-After as a date', 503, undefined],
    ['503 without', 503, {}],
  ])('%s', async (_name, status, headers) => {
    const page = await open();
    await flush(page);
    const already = collector.requests.length;
    const given = headers ?? { 'retry-after': new Date(Date.now() + 60_000).toUTCString() };
    collector.mood = (request, response) => refuse(request, response, status, given);
    for (const line of names('refused', 40)) {
      await page.evaluate(`say(${JSON.stringify(line)})`);
      await page.clock.runFor(1_000);
    }
    await eventually('nothing waits', async () =>
      (await stats(page)).logs.waiting === 0 ? true : undefined,
    );
    // Asked to wait it waits, also when somebody flushes; otherwise it tries ever less often.
    await flush(page);
    const attempts = collector.requests.length - already;
    expect(attempts).toBeGreaterThan(0);
    expect(attempts).toBeLessThanOrEqual('retry-after' in given ? 1 : 9);
    collector.mood = undefined;
    await page.clock.fastForward(61_000);
    await drained(page, 40);
    expect(of(await collector.lines(), 'refused')).toEqual(once(names('refused', 40)));
    expect((await stats(page)).logs.dropped).toEqual({});
  });

  test('large answers with no-store, which nobody needs', async () => {
    const page = await open();
    collector.mood = (request, response) => {
      allow(request, response);
      response.writeHead(200, { 'cache-control': 'no-store', 'content-type': 'text/plain' });
      response.end('x'.repeat(10_000));
      return true;
    };
    // 1.5 MB of answers, 200 KB of requests: both beyond what is granted at a time.
    for (let at = 0; at < 150; at++) {
      await page.evaluate(`say(${JSON.stringify(`large ${String(at)} ${'y'.repeat(1_500)}`)}); sdk.flush()`);
    }
    const { logs } = await stats(page);
    expect([logs.waiting, logs.queued, logs.dropped]).toEqual([0, 0, {}]);
    expect(logs.sent).toBeGreaterThanOrEqual(150);
  });

  test('no answer at all: what hangs is given up after 10 s and sent again later', async () => {
    const page = await open();
    await flush(page);
    collector.mood = () => true;
    const before = collector.requests.length;
    for (const line of names('hanging', 20)) {
      await page.evaluate(`say(${JSON.stringify(line)})`);
      await page.clock.runFor(1_000);
    }
    await eventually('all given up', async () => {
      await page.clock.runFor(1_000);
      return (await stats(page)).logs.waiting === 0 ? true : undefined;
    });
    // One at a time: the others have not gone after it.
    expect(collector.requests.length - before).toBeLessThanOrEqual(5);
    collector.mood = undefined;
    await drained(page, 20);
    expect(of(await collector.lines(), 'hanging')).toEqual(once(names('hanging', 20)));
  });

  test('an answer whose body never ends', async () => {
    const page = await open();
    await flush(page);
    collector.mood = (request, response) => {
      allow(request, response);
      response.writeHead(200, { 'content-type': 'application/x-protobuf' });
      response.write('x');
      return true;
    };
    const { sent } = (await stats(page)).logs;
    for (const line of names('endless', 5)) {
      await page.evaluate(`say(${JSON.stringify(line)}); void sdk.flush()`);
      await eventually('sent', async () => {
        await page.clock.runFor(500);
        return (await stats(page)).logs.waiting === 0 ? true : undefined;
      });
    }
    const { logs } = await stats(page);
    expect([logs.sent - sent, logs.queued, logs.dropped]).toEqual([5, 0, {}]);
  });

  test('a refusal for good is counted and not tried again; so is what a partial success rejects', async () => {
    const page = await open();
    await flush(page);
    const before = (await stats(page)).logs;
    collector.mood = (request, response) => refuse(request, response, 400);
    await page.evaluate(`say('bad')`);
    await flush(page);
    collector.mood = (request, response) => {
      allow(request, response);
      // ExportLogsServiceResponse { partial_success { rejected_log_records: 1, error_message: "no" } }
      response.end(Buffer.from([0x0a, 0x06, 0x08, 0x01, 0x12, 0x02, 0x6e, 0x6f]));
      return true;
    };
    await page.evaluate(`say('one'); say('two');`);
    await flush(page);
    const { logs } = await stats(page);
    expect([logs.sent - before.sent, logs.queued, logs.dropped]).toEqual([1, 0, { refused: 2 }]);
  });
});

test.each(['with', 'without'])('one tab sends the queue at a time, %s Web Locks', async (locks) => {
  const setUp = locks === 'with' ? '' : `Object.defineProperty(navigator, 'locks', { value: undefined });`;
  const first = await open({
    setUp,
    start: 'instruments: { longFrames: false, navigation: false, webVitals: false, documentLoad: false }',
  });
  const second = await openTab();
  collector.mood = away;
  for (const [at, page] of [first, second].entries()) {
    for (const line of names(`tab ${String(at)}`, 10)) {
      await page.evaluate(`say(${JSON.stringify(line)}); sdk.flush()`);
    }
  }
  const already = (await stats(first)).queue.sent + (await stats(second)).queue.sent;
  collector.mood = undefined;
  collector.delayMs = 20;
  collector.mostAtOnce = 0;
  await eventually('both know that it is empty', async () => {
    await Promise.all([flush(first), flush(second)]);
    const sent = (await stats(first)).queue.sent + (await stats(second)).queue.sent - already;
    return sent >= 20 ? true : undefined;
  });
  expect(collector.mostAtOnce).toBe(1);
  const lines = await collector.lines();
  for (const at of [0, 1])
    expect(of(lines, `tab ${String(at)}`)).toEqual(once(names(`tab ${String(at)}`, 10)));
});

describe('leaving the page', () => {
  const leave = async (page: Page) => {
    await page.evaluate(`location.href = '/page/elsewhere'; 0`);
    await page.waitForURL('**/elsewhere');
  };

  test.each([20, 400])(
    '%i spans that wait arrive across origins, at a page that has sent nothing yet',
    async (count) => {
      const page = await open();
      await page.evaluate(
        `for (let at = 0; at < ${String(count)}; at++) web.trace('pending ' + String(at).padStart(3, '0'), () => 0,
         { attributes: { 'url.full': 'https://api.example.com/rooms/' + at * 7919 + '/messages?limit=REDACTED', at, share: at / 7 } });
       location.href = '/page/elsewhere'; 0`,
      );
      await page.waitForURL('**/elsewhere');
      const spans = await eventually('the spans', async () => {
        const found = of(await collector.spans(), 'pending');
        return found.length >= count ? found : undefined;
      });
      expect(spans).toEqual(once(names('pending', count)));
    },
  );

  test('vitals that are finished by leaving arrive', async () => {
    const page = await open({ clock: false });
    await page.evaluate(`document.body.innerHTML = '<button id="slow">slow</button>';
      document.querySelector('#slow').onclick = () => { const end = performance.now() + 120; while (performance.now() < end); };`);
    await page.waitForFunction(
      `performance.getEntriesByType('resource').some(({ name }) => name.includes('web-vitals'))`,
    );
    await page.click('#slow');
    await page.waitForTimeout(1_500);
    await leave(page);
    await eventually('CLS, INP and LCP', async () => {
      const lines = await collector.vitals();
      return ['cls', 'inp', 'lcp'].every((name) => lines.includes(name)) || undefined;
    });
  });

  test('while the collector is away, what waits is in the queue for the next page', async () => {
    const page = await open();
    await flush(page);
    collector.mood = away;
    await page.evaluate(`say('before')`);
    await flush(page);
    await page.evaluate(`say('last words')`);
    await leave(page);
    collector.mood = undefined;
    await page.waitForFunction('window.sdk');
    await drained(page, 2);
    const lines = await collector.lines();
    expect([lines.get('before'), lines.get('last words')]).toEqual([1, 1]);
  });

  test('by beacon, where requests do not outlive the page', async () => {
    const page = await open({ setUp: 'delete Request.prototype.keepalive;' });
    await page.evaluate(`say('by beacon'); location.href = '/page/elsewhere'; 0`);
    await page.waitForURL('**/elsewhere');
    await eventually('the line', async () =>
      (await collector.lines()).get('by beacon') === 1 ? true : undefined,
    );
  });
});

test('large bodies are compressed, which the bridge allows across origins', async () => {
  const page = await open();
  await page.evaluate(`say('x'.repeat(5000))`);
  await flush(page);
  expect(collector.requests.map(({ encoding }) => encoding)).toContain('gzip');
  expect((await collector.lines()).get('x'.repeat(5_000))).toBe(1);
});

test('a collector whose CORS does not allow Content-Encoding gets them as they are', async () => {
  const page = await open();
  collector.preflight = (request, response) => {
    allow(request, response);
    response.writeHead(204, { 'access-control-allow-headers': 'content-type' }).end();
    return true;
  };
  for (const text of ['a', 'b']) {
    await page.evaluate(`say(${JSON.stringify(text.repeat(5_000))})`);
    await flush(page);
  }
  expect(collector.requests.map(({ encoding }) => encoding)).not.toContain('gzip');
  const lines = await collector.lines();
  expect([lines.get('a'.repeat(5_000)), lines.get('b'.repeat(5_000))]).toEqual([1, 1]);
});
