import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { parse } from 'acorn';
import { build, type BuildOptions } from 'esbuild';
import type { Browser, Page } from 'playwright-core';

import { launchBrowser } from './support/browser.js';
import { scriptTag, serveFiles, strict } from './support/served-files.js';
import type { Site } from './support/site.js';
import { eventually } from './support/system.js';

const web = new URL('../../packages/web/', import.meta.url);

let browser: Browser;
let page: Page;
let site: Site | undefined;
let problems: string[];

beforeAll(async () => {
  browser = await launchBrowser();
});
afterAll(() => browser.close());
beforeEach(async () => {
  site = undefined;
  problems = [];
  page = await (await browser.newContext()).newPage();
  page.on('console', (message) => {
    if (message.type() === 'error') problems.push(message.text());
  });
  page.on('pageerror', (error) => problems.push(error.message));
});
afterEach(async () => {
  await page.context().close();
  await site?.stop();
});

/** The package in a program of its own, as a bundler of the built files makes it. */
async function bundled(script: string, options: BuildOptions = {}): Promise<string> {
  const { outputFiles } = await build({
    stdin: { contents: script, resolveDir: fileURLToPath(new URL('..', import.meta.url)) },
    bundle: true,
    write: false,
    format: 'esm',
    target: 'es2020',
    platform: 'browser',
    logLevel: 'silent',
    ...options,
  });
  return outputFiles?.[0]?.text ?? '';
}

const serve = async (...args: Parameters<typeof serveFiles>): Promise<Site> =>
  (site = await serveFiles(...args));

test('a script tag under a strict policy starts by its attributes and records everything', async () => {
  const from = await serve(
    {
      '/sdk.js': scriptTag,
      '/shop.js': `unhinged.createLogger({ flags: 'D' }).info('from the page'); fetch('/api/x');
        setTimeout(() => { throw new Error('later'); }, 10);`,
      '/shop': `<!doctype html><script src="/sdk.js" data-service="tag-shop" data-endpoint="__OTLP__" data-environment="test" data-version="7"></script><script src="/shop.js"></script>`,
    },
    { policy: strict },
  );
  await page.goto(`${from.url}/shop`);
  await eventually('all', async () => {
    await page.evaluate(`unhinged.startWeb({ service: 'x' }).flush()`);
    const lines = from.logs.map(({ body }) => body?.value?.value);
    const isThere =
      lines.includes('from the page') && from.logs.some(({ plain }) => plain['exception.type'] === 'Error');
    return isThere && from.spans.some(({ name }) => name === 'GET') ? true : undefined;
  });
  expect(from.spans[0]?.resource).toMatchObject({ 'service.name': 'tag-shop', 'service.version': '7' });
  // Vitals are in the one file: nothing is loaded lazily from elsewhere.
  expect(problems.filter((text) => !/later|called again|favicon/.test(text))).toEqual([]);
});

test('a module worker traces, logs and fails in the session of its page', async () => {
  const worker = await bundled(`
    import * as web from '@unhinged/observability-web';
    onmessage = async ({ data }) => {
      const sdk = web.startWeb({ service: 'shop-worker', endpoint: data.otlp, environment: 'test', flags: 'D', sessionId: data.sessionId });
      web.createLogger().info('from the worker');
      await web.trace('work', () => fetch('/api/from-worker'));
      setTimeout(() => { throw new Error('in the worker'); });
      setTimeout(async () => { await sdk.flush(); postMessage('done'); }, 400);
    };`);
  const from = await serve(
    {
      '/worker.js': worker,
      '/sdk.js': scriptTag,
      '/shop.js': `const sdk = unhinged.startWeb({ service: 'shop', endpoint: '__OTLP__', environment: 'test' });
        const worker = new Worker('/worker.js', { type: 'module' });
        worker.onmessage = () => { window.done = sdk.sessionId(); };
        worker.postMessage({ otlp: '__OTLP__', sessionId: sdk.sessionId() });`,
      '/shop': `<!doctype html><script src="/sdk.js"></script><script src="/shop.js"></script>`,
    },
    // Trusted types are for pages: in Chromium a worker's address is one of their sinks.
    { policy: (otlp) => strict(otlp).replace(/; require-trusted.*/, '') },
  );
  await page.goto(`${from.url}/shop`);
  const sessionId = await eventually('the worker', () => page.evaluate<string | undefined>('window.done'));
  const spans = await eventually('the spans', async () => {
    const found = from.spans.filter(({ resource }) => resource['service.name'] === 'shop-worker');
    return Promise.resolve(found.length >= 2 ? found : undefined);
  });
  expect(spans.map(({ name }) => name).sort()).toEqual(['GET', 'work']);
  const lines = from.logs.filter(
    ({ plain, body }) =>
      plain['exception.message'] === 'in the worker' || body?.value?.value === 'from the worker',
  );
  expect(lines).toHaveLength(2);
  expect(new Set([...spans, ...lines].map(({ plain }) => plain['session.id']))).toEqual(new Set([sessionId]));
});

test('where storage and locks are denied, in a sandboxed frame, everything works in a session of the page', async () => {
  const from = await serve({
    '/sdk.js': scriptTag,
    '/frame.js': `try { localStorage; } catch (error) { unhinged.createLogger({ flags: 'D' }).info('storage: ' + error.name); }`,
    '/frame': `<!doctype html><script src="/sdk.js" data-service="framed" data-endpoint="__OTLP__"></script><script src="/frame.js"></script>`,
    '/shop': `<!doctype html><iframe sandbox="allow-scripts" src="/frame"></iframe>`,
  });
  // What cannot be sent waits in memory.
  await page.route('**/v1/**', (route) => route.abort());
  await page.goto(`${from.url}/shop`);
  const frame = await eventually('the frame', () => Promise.resolve(page.frames()[1]));
  const flush = () => frame.evaluate(`unhinged.startWeb({ service: 'x' }).flush()`);
  await frame.waitForFunction('window.unhinged');
  await flush();
  await page.unroute('**/v1/**');
  const line = await eventually('the line', async () => {
    await flush();
    return from.logs.find(({ body }) => body?.value?.value === 'storage: SecurityError');
  });
  expect(line.plain['session.id']).toMatch(/^[0-9a-f]{32}$/);
  expect(problems.filter((text) => !/called again|Failed to load/.test(text))).toEqual([]);
});

test('what is shipped is ES2020 where a browser reads it as it is, and in a bundle for ES2020; nothing evaluates text', async () => {
  expect(() => parse(scriptTag, { ecmaVersion: 2020, sourceType: 'script' })).not.toThrow();
  const app = await bundled(
    `export * from '@unhinged/observability-web'; export * as r from '@unhinged/observability-web/react';`,
    { external: ['react'] },
  );
  expect(() => parse(app, { ecmaVersion: 2020, sourceType: 'module' })).not.toThrow();
  for (const text of [scriptTag, app]) expect(text).not.toMatch(/\beval\(|new Function\(|\bFunction\("/);
});

test('it is imported in Node without a window, by import and by require, and does nothing', () => {
  const use = `const sdk = web.startWeb({ service: 'x' }); web.createLogger().child({ component: 'y' }).isEnabled('info'); web.setUser('z');
    sdk.flush().then(() => sdk.shutdown()).then(() => console.log(typeof window + ' ' + (sdk.sessionId() === '')));`;
  for (const program of [
    `import * as web from '@unhinged/observability-web'; ${use}`,
    `import { createRequire } from 'node:module'; const web = createRequire(import.meta.url)('@unhinged/observability-web'); ${use}`,
  ]) {
    const { stdout, stderr } = spawnSync(
      process.execPath,
      ['--disable-warning=ExperimentalWarning', '--input-type', 'module', '-e', program],
      { cwd: fileURLToPath(web), encoding: 'utf8' },
    );
    expect([stdout.trim(), stderr]).toEqual(['undefined true', '']);
  }
});
