import { createRequire } from 'node:module';
import { spawnSync } from 'node:child_process';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';
import type { Browser, Page } from 'playwright-core';

import { launchBrowser } from './support/browser.js';
import { startSite, type Site } from './support/site.js';
import { eventually } from './support/system.js';

const folder = fileURLToPath(new URL('..', import.meta.url));
/** React 18 is that of the tools, React 19 that of the package. */
const owners = {
  18: createRequire(new URL('../package.json', import.meta.url)),
  19: createRequire(new URL('../../packages/web/package.json', import.meta.url)),
};

let browser: Browser;
let site: Site;
let pages: Server;

beforeAll(async () => {
  browser = await launchBrowser();
});
afterAll(() => browser.close());
afterEach(async () => {
  await site.stop();
  await new Promise((resolve) => {
    pages.closeAllConnections();
    pages.close(resolve);
  });
});

/** Opens a page whose script uses this React and this router; its telemetry goes to `site`. */
async function open(react: 18 | 19, router: 6 | 7, script: string, mode = 'development'): Promise<Page> {
  site = await startSite('');
  const resolve = (name: string) => owners[react].resolve(name);
  const { outputFiles } = await build({
    stdin: {
      contents: `import * as React from 'react';
        import { createRoot } from 'react-dom/client';
        import * as Router from '${router === 6 ? 'react-router-6' : 'react-router'}';
        import * as web from '@unhinged/observability-web';
        import * as observe from '@unhinged/observability-web/react';
        const h = React.createElement;
        const options = { service: 'shop', endpoint: ${JSON.stringify(site.otlp)}, environment: 'test', flags: 'D' };
        const root = createRoot(document.querySelector('#app'));
        Object.assign(window, { web, React, root });
        ${script}`,
      resolveDir: folder,
    },
    bundle: true,
    write: false,
    format: 'iife',
    platform: 'browser',
    define: { 'process.env.NODE_ENV': JSON.stringify(mode) },
    conditions: ['@unhinged/source', 'module'],
    alias: {
      'react-dom/client': resolve('react-dom/client'),
      'react-dom': resolve('react-dom'),
      'react/jsx-runtime': resolve('react/jsx-runtime'),
      react: resolve('react'),
    },
  });
  pages = createServer((request, response) => {
    const isScript = request.url === '/app.js';
    response.setHeader('content-type', isScript ? 'text/javascript' : 'text/html');
    response.end(
      isScript
        ? outputFiles[0]?.contents
        : '<!doctype html><div id="app"></div><script src="/app.js"></script>',
    );
  });
  await new Promise<void>((resolve) => pages.listen(0, '127.0.0.1', resolve));
  const page = await browser.newPage();
  await page.goto(`http://127.0.0.1:${String((pages.address() as AddressInfo).port)}/users/7`);
  return page;
}

const flush = (page: Page) => page.evaluate(`web.startWeb({ service: 'x' }).flush()`);

describe.each([
  [18, 6],
  [19, 7],
] as const)('React %i with React Router %i', (react, router) => {
  test.each(['development', 'production'])(
    'in %s under StrictMode it starts once, records an error once, and renders the fallback',
    async (mode) => {
      const page = await open(
        react,
        router,
        `let broken = true;
       function Cart() {
         observe.useLogger('Cart').info('rendered', { version: React.version });
         if (broken) throw new TypeError('no cart');
         return h('p', { id: 'cart' }, 'Cart');
       }
       const fallback = ({ error, reset }) => h('button', { onClick: () => { broken = false; reset(); } }, 'Failed: ' + error.message);
       root.render(h(React.StrictMode, null, h(observe.ObservabilityProvider, { options },
         h(observe.Profiled, { name: 'shop' }, h(observe.ErrorBoundary, { fallback }, h(Cart))))));`,
        mode,
      );
      await page.getByText('Failed: no cart').click();
      await page.waitForSelector('#cart');
      // Unmounting and mounting again, as StrictMode and hot reload do, has not ended it.
      await page.waitForTimeout(50);
      const [errors, lines] = await eventually('the lines', async () => {
        await flush(page);
        const failed = site.logs.filter(({ plain }) => plain['exception.type'] !== undefined);
        const rendered = site.logs.filter(({ plain }) => plain['unhinged.component'] === 'Cart');
        // React measures in development only.
        const measured =
          mode === 'production' || site.metrics.some(({ name }) => name === 'unhinged.react.render.duration');
        return failed.length > 0 && rendered.length > 0 && measured ? [failed, rendered] : undefined;
      });
      // React 18 in development renders three times before it gives up, and reports each of the three errors to the window first.
      expect(errors.map(({ plain }) => [plain['exception.type'], plain['exception.message']])).toEqual([
        ['TypeError', 'no cart'],
      ]);
      // They come with the error, or after it.
      const [components] = await eventually('the components', async () => {
        await flush(page);
        const told = site.logs.filter(({ plain }) => plain['unhinged.react.component_stack'] !== undefined);
        return told.length > 0 ? told : undefined;
      });
      expect(components?.plain['unhinged.react.component_stack']).toContain('at ');
      expect(components?.plain['event.name'] === 'exception').toBe(react === 19 || mode === 'production');
      expect(lines[0]?.plain['version']).toMatch(new RegExp(`^${String(react)}\\.`));
      // The last provider ends it.
      await page.evaluate('root.unmount()');
      await page.waitForFunction(`fetch.toString().includes('native code')`);
      await page.close();
    },
  );

  test.each(['component', 'data'])('routes of a %s router name what happens on them', async (kind) => {
    const page = await open(
      react,
      router,
      `function Track() {
         observe.useRouteTracking(Router.useLocation(), ${kind === 'data' ? 'Router.useMatches()' : 'Router.useParams()'});
         return null;
       }
       function User() {
         const trace = observe.useTrace('User');
         const navigate = Router.useNavigate();
         React.useEffect(() => { trace('load user', () => undefined); }, [trace]);
         return h('button', { onClick: () => navigate('/orders/9/lines/3') }, 'orders');
       }
       function Order() {
         const trace = observe.useTrace();
         React.useEffect(() => { trace('load order', () => undefined); }, [trace]);
         return h('p', { id: 'order' }, 'order');
       }
       const withTrack = (element) => h(React.Fragment, null, element, h(Track));
       const routes = [
         { path: '/users/:id', element: withTrack(h(User)) },
         { path: '/orders/:order/lines/:line', element: withTrack(h(Order)) },
       ];
       const router = () => ${
         kind === 'data'
           ? 'h(Router.RouterProvider, { router: Router.createMemoryRouter(routes, { initialEntries: ["/users/7"] }) })'
           : 'h(Router.MemoryRouter, { initialEntries: ["/users/7"] }, h(() => Router.useRoutes(routes)))'
       };
       root.render(h(observe.ObservabilityProvider, { options }, router()));`,
    );
    await page.getByText('orders').click();
    await page.waitForSelector('#order');
    const spans = await eventually('spans', async () => {
      await flush(page);
      const found = site.spans.filter(({ name }) => name.startsWith('load '));
      return found.length === 2 ? found : undefined;
    });
    expect(
      spans.map(({ name, plain }) => [name, plain['unhinged.route'], plain['unhinged.component']]),
    ).toEqual([
      ['load user', '/users/:id', 'User'],
      ['load order', '/orders/:order/lines/:line', undefined],
    ]);
    await page.close();
  });
});

test('on a server it is imported, renders, and starts nothing', async () => {
  site = await startSite('');
  pages = createServer().listen(0, '127.0.0.1');
  const program = `
    import { createElement as h } from 'react';
    import { renderToString } from 'react-dom/server';
    import { ErrorBoundary, ObservabilityProvider, Profiled, useLogger, useRouteTracking, useTrace } from '@unhinged/observability-web/react';
    function Page() {
      useLogger('Page');
      useRouteTracking({ pathname: '/users/7' }, { id: '7' });
      return useTrace()('render', () => h('p', null, 'hello'));
    }
    const tree = h(ObservabilityProvider, { options: { service: 'shop', endpoint: ${JSON.stringify(site.otlp)} } },
      h(ErrorBoundary, null, h(Profiled, { name: 'page' }, h(Page))));
    console.log(typeof window, renderToString(tree));`;
  const { stdout, stderr } = spawnSync(process.execPath, ['--input-type', 'module', '-e', program], {
    cwd: fileURLToPath(new URL('../../packages/web', import.meta.url)),
    encoding: 'utf8',
  });
  expect([stdout.trim(), stderr]).toEqual(['undefined <p>hello</p>', '']);
});
