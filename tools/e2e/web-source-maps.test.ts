import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';
import type { Browser } from 'playwright-core';
import type { LogsResponse, TraceResponse } from '@unhinged/observability-core';

import { launchBrowser } from './support/browser.js';
import {
  eventually,
  freePortOffset,
  getJson,
  postJson,
  query,
  type Running,
  runToEnd,
  startCommand,
  temporaryFolder,
} from './support/system.js';

let browser: Browser;
let bridge: Running;
let server: Server;
const folder = temporaryFolder();

beforeAll(async () => {
  browser = await launchBrowser();
});
afterAll(async () => {
  await browser.close();
  server.close();
  await bridge.end('SIGTERM');
  folder.remove();
});

const APP = `import { startWeb, trace } from '@unhinged/observability-web';

function chargeCard(amount: number): never {
  throw new RangeError('declined: ' + amount);
}
const sdk = startWeb({ service: 'minified-shop', endpoint: __OTLP__, environment: 'production', sampleRate: 0 });
document.querySelector('button')!.onclick = () => chargeCard(7);
try {
  trace('checkout', () => chargeCard(8));
} catch {
  // The span has it.
}
Object.assign(window, { sdk });
`;

test('an error of a minified page names its sources in the console, with a switch back, and in the lake', async () => {
  const offset = await freePortOffset();
  const data = join(folder.path, 'data');
  bridge = await startCommand(['up', '--data', data, '--port-offset', String(offset)]);
  const console_ = `http://127.0.0.1:${String(4319 + offset)}`;
  const dist = join(folder.path, 'dist');
  mkdirSync(join(folder.path, 'src'), { recursive: true });
  writeFileSync(join(folder.path, 'src', 'shop.ts'), APP);
  await build({
    entryPoints: [join(folder.path, 'src', 'shop.ts')],
    nodePaths: [fileURLToPath(new URL('../../node_modules', import.meta.url))],
    outdir: dist,
    entryNames: '[name]-[hash]',
    bundle: true,
    minify: true,
    sourcemap: true,
    format: 'iife',
    define: { __OTLP__: JSON.stringify(`http://127.0.0.1:${String(4318 + offset)}`) },
  });
  const uploaded = runToEnd(['sourcemaps', 'upload', dist, '--json', '--endpoint', console_]);
  expect([uploaded.status, uploaded.stderr]).toEqual([0, '']);
  const { file, debugId } = JSON.parse(uploaded.stdout) as { file: string; debugId: string };
  const name = file.split('/').at(-1) ?? '';
  server = createServer((request, response) => {
    const isScript = request.url === `/${name}`;
    response.setHeader('content-type', isScript ? 'text/javascript' : 'text/html');
    response.end(
      isScript
        ? readFileSync(join(dist, name))
        : `<!doctype html><button>pay</button><script src="/${name}"></script>`,
    );
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const url = `http://localhost:${String((server.address() as AddressInfo).port)}`;

  const page = await browser.newPage();
  await page.goto(url);
  await page.click('button');
  const log = await eventually('the error line', async () => {
    await page.evaluate('sdk.flush()');
    const { logs } = await getJson<LogsResponse>(`${console_}/api/logs?service=minified-shop&level=error`);
    return logs.find(({ error }) => error?.message === 'declined: 7');
  });
  expect(log.attributes['unhinged.debug_ids']).toEqual([`${debugId} ${url}/${name}`]);
  expect(log.error?.stack).toContain(name);

  await postJson(`${console_}/api/flush`, {});
  const [row] = query(
    data,
    `select error_stack as stack, attributes->>'unhinged.exception.raw_stacktrace' as raw from observability_logs where error_message = 'declined: 7'`,
  );
  expect(row?.['stack']).toMatch(/at chargeCard \(\S*src\/shop\.ts:4:\d+\)/);
  expect(row?.['raw']).toBe(log.error?.stack);

  const view = await browser.newPage();
  await view.goto(`${console_}/#/logs`);
  await view.getByTestId('log-row').filter({ hasText: 'declined: 7' }).first().click();
  const stack = view.getByTestId('stack').locator('pre');
  await stack.filter({ hasText: 'src/shop.ts:4' }).waitFor();
  await view.getByRole('button', { name: 'As it came' }).click();
  await stack.filter({ hasText: name }).waitFor();

  // The exception in a span is resolved as well.
  const traceId = await traceOf(console_, 'checkout');
  const { spans } = await getJson<TraceResponse>(`${console_}/api/traces/${traceId}`);
  await view.goto(`${console_}/#/traces/${traceId}?span=${spans[0]?.spanId ?? ''}`);
  await view.getByTestId('stack').locator('pre').filter({ hasText: 'src/shop.ts:4' }).waitFor();
});

async function traceOf(console_: string, rootName: string): Promise<string> {
  return eventually(`the trace ${rootName}`, async () => {
    const { traces } = await getJson<{ traces: { traceId: string; rootName: string }[] }>(
      `${console_}/api/traces?service=minified-shop`,
    );
    return traces.find((trace) => trace.rootName === rootName)?.traceId;
  });
}
