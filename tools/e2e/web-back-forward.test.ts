import type { Browser } from 'playwright-core';

import { launchBrowser } from './support/browser.js';
import { startCollector, type Collector } from './support/collector.js';
import { startSite, type Site } from './support/site.js';
import { eventually } from './support/system.js';

let browser: Browser;
let collector: Collector;
let site: Site;

beforeAll(async () => {
  browser = await launchBrowser({ backForwardCache: true });
});
afterAll(() => browser.close());
beforeEach(async () => {
  collector = await startCollector();
  site = await startSite(
    `import { createLogger, startWeb } from '@unhinged/observability-web';
     const sdk = startWeb({ service: 'shop', endpoint: __OTLP__, environment: 'test', flags: 'DL', lakeRate: 1 });
     const log = createLogger();
     Object.assign(window, { sdk, say: (text) => log.info(text), restored: 0 });
     addEventListener('pageshow', ({ persisted }) => { restored += Number(persisted); });`,
    { otlp: collector.url },
  );
});
afterEach(async () => {
  await site.stop();
  await collector.stop();
});

test('a page that comes back from the back/forward cache goes on: what cannot be sent then is kept', async () => {
  const page = await browser.newPage();
  await page.goto(site.url);
  await page.waitForFunction('window.sdk');
  await page.evaluate(`say('before'); location.href = 'about:blank'; 0`);
  await page.waitForURL('about:blank');
  await page.goBack({ waitUntil: 'commit' });
  // The very page, not a new one: its SDK does not keep it out of the cache.
  await page.waitForFunction('window.restored === 1');
  collector.mood = (_, response) => {
    response.destroy();
    return true;
  };
  await page.evaluate(`say('after')`);
  await page.evaluate('sdk.flush()');
  collector.mood = undefined;
  await eventually('both lines', async () => {
    await page.evaluate('sdk.flush()');
    const lines = await collector.lines();
    return lines.get('before') === 1 && lines.get('after') === 1 ? true : undefined;
  });
  await page.close();
});
