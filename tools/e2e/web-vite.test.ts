import { spawn } from 'node:child_process';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import type { Browser } from 'playwright-core';

import { launchBrowser } from './support/browser.js';
import { startSite, type Site } from './support/site.js';
import { eventually, temporaryFolder } from './support/system.js';

const app = fileURLToPath(new URL('fixtures/vite-app', import.meta.url));
/** Vite is the demo's. */
const fromDemo = createRequire(new URL('../../packages/demo/package.json', import.meta.url));
const command = join(dirname(fromDemo.resolve('vite/package.json')), 'bin/vite.js');

let folder: ReturnType<typeof temporaryFolder>;
let browser: Browser;
let receiver: Site;

beforeAll(async () => {
  browser = await launchBrowser();
});
afterAll(() => browser.close());
beforeEach(async () => {
  folder = temporaryFolder();
  receiver = await startSite('');
});
afterEach(async () => {
  await receiver.stop();
  folder.remove();
});

function vite(what: string) {
  const child = spawn(process.execPath, [command, what, app, '--configLoader', 'native'], {
    stdio: ['ignore', 'pipe', 'inherit'],
    env: { ...process.env, OTLP: receiver.otlp, WORK: folder.path, NO_COLOR: '1', FORCE_COLOR: '0' },
  });
  return { child, gone: new Promise<number | null>((resolve) => child.once('exit', resolve)) };
}

/** Starts one of Vite's servers and gives its address. */
async function serve(what: 'dev' | 'preview') {
  const { child, gone } = vite(what);
  const url = await new Promise<string>((resolve, reject) => {
    createInterface({ input: child.stdout }).on('line', (line) => {
      const [found] = /http:\S+/.exec(line) ?? [];
      if (found !== undefined) resolve(found);
    });
    void gone.then((code) => {
      reject(new Error(`vite ${what} ended with ${String(code)}`));
    });
  });
  const stop = () => {
    child.kill('SIGTERM');
    return gone;
  };
  return { url, stop };
}

/** With Vite's own server, unbundled, as its users develop; and as they ship. */
const ways = {
  'served by Vite in development': () => serve('dev'),
  'built by Vite': async () => {
    expect(await vite('build').gone).toBe(0);
    return serve('preview');
  },
};

test.each(Object.entries(ways))(
  'an app %s records loads, clicks, requests, lines and vitals',
  async (_, start) => {
    const server = await start();
    const page = await browser.newPage();
    const problems: string[] = [];
    page.on('pageerror', (error) => problems.push(error.message));
    try {
      await page.goto(server.url);
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
      await server.stop();
    }
  },
);
