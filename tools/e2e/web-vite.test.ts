import { createRequire } from 'node:module';
import { fileURLToPath, pathToFileURL } from 'node:url';
import type { Browser } from 'playwright-core';

import { launchBrowser } from './support/browser.js';
import { startSite, type Site } from './support/site.js';
import { eventually, temporaryFolder } from './support/system.js';

/** What is used of Vite, which is the demo's. */
interface Vite {
  build(config: object): Promise<unknown>;
  preview(config: object): Promise<Served>;
  createServer(config: object): Promise<Served & { listen(): Promise<unknown> }>;
}
interface Served {
  resolvedUrls: { local: string[] } | null;
  close(): Promise<void>;
}

const fromDemo = createRequire(new URL('../../packages/demo/package.json', import.meta.url));
const folder = temporaryFolder();
let vite: Vite;
let browser: Browser;
let receiver: Site;

beforeAll(async () => {
  vite = (await import(pathToFileURL(fromDemo.resolve('vite')).href)) as Vite;
  browser = await launchBrowser();
});
afterAll(async () => {
  await browser.close();
  folder.remove();
});
beforeEach(async () => {
  receiver = await startSite('');
});
afterEach(() => receiver.stop());

const config = () => ({
  root: fileURLToPath(new URL('fixtures/vite-app', import.meta.url)),
  configFile: false,
  logLevel: 'error',
  cacheDir: `${folder.path}/cache`,
  define: { __OTLP__: JSON.stringify(receiver.otlp) },
  build: { outDir: `${folder.path}/dist`, emptyOutDir: true },
  server: { host: '127.0.0.1', port: 0, watch: null },
  preview: { host: '127.0.0.1', port: 0 },
});

/** With Vite's own server, unbundled, as its users develop; and as they ship. */
const ways: Record<string, () => Promise<Served>> = {
  'served by Vite in development': async () => {
    const server = await vite.createServer(config());
    await server.listen();
    return server;
  },
  'built by Vite': async () => {
    await vite.build(config());
    return vite.preview(config());
  },
};

test.each(Object.keys(ways))('an app %s records loads, clicks, requests, lines and vitals', async (way) => {
  const server = await ways[way]?.();
  const page = await browser.newPage();
  const problems: string[] = [];
  page.on('pageerror', (error) => problems.push(error.message));
  try {
    await page.goto(server?.resolvedUrls?.local[0] ?? '');
    await page.click('#go');
    await eventually('all of it', () => {
      const lines = receiver.logs.map(({ body }) => body?.value?.value);
      const spans = receiver.spans.map(({ name }) => name);
      const events = receiver.logs.map(({ plain }) => plain['event.name']);
      const isThere =
        ['from the page', 'answered'].every((text) => lines.includes(text)) &&
        ['documentLoad', 'browser.user_action.click', 'GET'].every((name) => spans.includes(name)) &&
        // Loaded later, from a chunk of its own.
        events.includes('browser.web_vital');
      return Promise.resolve(isThere ? true : undefined);
    });
    const click = receiver.spans.find(({ name }) => name === 'browser.user_action.click');
    const request = receiver.spans.find(({ name }) => name === 'GET');
    expect(request?.parentSpanId).toEqual(click?.spanId);
    expect(new Set(receiver.spans.map(({ resource }) => resource['service.name']))).toEqual(
      new Set(['vite-shop']),
    );
    expect(problems).toEqual([]);
  } finally {
    await page.close();
    await server?.close();
  }
});
