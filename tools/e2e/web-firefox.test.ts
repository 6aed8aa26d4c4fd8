import { openInFirefox } from './support/firefox.js';
import { scriptTag, serveFiles, strict } from './support/served-files.js';
import type { Site, SiteOptions } from './support/site.js';
import { eventually } from './support/system.js';

const firefox = process.env['FIREFOX_PATH'] ?? '';
// `npm test` says so when it finds none and cannot install one.
const inFirefox = firefox === '' ? test.skip : test;

let site: Site;
let close: (() => Promise<void>) | undefined;

/** A page with the script tag and this script, under a strict policy. */
async function open(script: string, options: Pick<SiteOptions, 'preflightMs'> = {}): Promise<void> {
  const files = {
    '/sdk.js': scriptTag,
    '/shop.js': script,
    '/shop': '<!doctype html><script src="/sdk.js"></script><script src="/shop.js"></script>',
    '/left': '<!doctype html>gone',
  };
  site = await serveFiles(files, { policy: strict, ...options });
  close = openInFirefox(firefox, `${site.url}/shop`);
}

afterEach(async () => {
  await close?.();
  close = undefined;
  await site.stop();
});

const START = `const sdk = unhinged.startWeb({ service: 'fox', endpoint: '__OTLP__', environment: 'test', flags: 'D' });`;
const bodyOf = ({ body }: Site['logs'][number]) => body?.value?.value;

inFirefox(
  'a page in Firefox has its spans, lines, errors and request metrics, and its calls carry the trace',
  async () => {
    await open(`${START}
    unhinged.createLogger().info('from the page');
    unhinged.trace('checkout', async () => { await (await fetch('/api/x?secret=1')).text(); });
    setTimeout(() => { throw new Error('later'); }, 10);
    setTimeout(() => sdk.flush(), 1_500);`);
    const [call] = await eventually('the request', () =>
      Promise.resolve(site.spans.filter(({ name }) => name === 'GET')).then((found) =>
        found.length > 0 ? found : undefined,
      ),
    );
    await eventually('all signals', () =>
      Promise.resolve(
        site.logs.some((line) => bodyOf(line) === 'from the page') &&
          site.logs.some(({ plain }) => plain['exception.message'] === 'later') &&
          site.spans.some(({ name }) => name === 'documentLoad') &&
          site.metrics.some(({ name }) => name === 'http.client.request.duration')
          ? true
          : undefined,
      ),
    );
    expect(call?.plain).toMatchObject({
      'http.response.status_code': 200,
      'url.full': `${site.url}/api/x?secret=REDACTED`,
    });
    // What the browser measured has come with it.
    expect(call?.plain['http.response.body.size']).toBe(2);
    const id = Buffer.from(call?.traceId ?? []).toString('hex');
    const { headers = {} } = site.calls.find(({ url }) => url?.startsWith('/api/x')) ?? {};
    expect(headers['traceparent']).toMatch(new RegExp(`^00-${id}-`));
  },
);

inFirefox(
  'a page in Firefox that is left with 400 spans delivers them, though its preflight takes longer than it lives',
  async () => {
    await open(
      `${START}
    setTimeout(() => {
      for (let at = 0; at < 400; at++) unhinged.trace('pending', () => undefined);
      location.href = '/left';
    }, 300);`,
      { preflightMs: 300 },
    );
    const pending = () => site.spans.filter(({ name }) => name === 'pending').length;
    await eventually('the spans', () => Promise.resolve(pending() >= 400 ? true : undefined));
    expect(site.calls.some(({ url }) => url === '/left')).toBe(true);
    expect(pending()).toBe(400);
  },
);
