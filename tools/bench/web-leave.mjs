// `npm run bench -- web-leave`: a page is left with spans pending; how many of them arrive. Real Chromium, a receiver of another origin
// whose preflight takes 300 ms, beside the peers in one run. Each page is first not left, and has to deliver everything then: what it loses
// afterwards it loses by the leaving. (Faro loses all: its transport flushes when the page is hidden before OpenTelemetry's batch processor, which
// listens after it, has given it the spans.)
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { startBridge } from '@unhinged/observability-bridge';

import { installPeers, peers } from './web/bundle.mjs';
import { launch, servePage } from './web/chromium.mjs';
import { OURS, PEERS } from './web/pages/index.mjs';
import { watchWire } from './web/wire.mjs';

const PENDING = [20, 100, 400];
const ROUNDS = 3;
const PREFLIGHT_MS = 300;
/** Nothing arrives later: the preflight, the request, and the bridge behind a busy machine. */
const SETTLED_MS = 2_500;

/** Spans such as those of requests: a page's own, so that all SDKs get the same. */
const withSpans = (code) => `
  import { trace as otelApi } from '@opentelemetry/api';
  ${code}
  const viaOtel = (name, attributes) => otelApi.getTracer('bench').startSpan(name, { attributes }).end();
  globalThis.makeSpans = (count) => (sdk.inSpan ?? ((run) => run()))(() => {
    for (let at = 0; at < count; at++) {
      (sdk.makeSpan ?? viaOtel)('pending#' + at + ';', { 'http.request.method': 'GET', 'http.response.status_code': 200,
        'url.full': 'https://api.example.com/v1/rooms/' + at * 7919 + '/messages?limit=50', 'server.address': 'api.example.com',
        'server.port': 443, 'unhinged.timing.wait': at * 1.1, 'http.response.body.size': at * 13 });
    }
  });`;

export async function measure() {
  installPeers();
  const dir = mkdtempSync(join(tmpdir(), 'unhinged-web-leave-'));
  const bridge = await startBridge({ dataDir: dir, ports: { grpc: 0, http: 0, prometheus: 0, console: 0 } });
  const browser = await launch();
  let seen = new Set();
  const wire = await watchWire(`http://127.0.0.1:${bridge.ports.http}`, {
    preflightMs: PREFLIGHT_MS,
    onBody: (body, encoding) => {
      const text = (encoding === 'gzip' ? gunzipSync(body) : body).toString('latin1');
      for (const [, at] of text.matchAll(/pending#(\d+);/g)) seen.add(at);
    },
  });
  const pages = [
    ['ours', { code: withSpans(OURS.everything) }],
    ...['OpenTelemetry (protobuf)', 'OpenTelemetry (JSON)', 'Faro with tracing', 'Sentry with tracing'].map(
      (name) => [name, { code: withSpans(PEERS[name]), from: peers }],
    ),
  ];
  const delivered = new Map(pages.map(([name]) => [name, PENDING.map(() => 0)]));
  try {
    for (const [name, page] of pages) {
      seen = new Set();
      await visit(browser, page, PENDING[0], wire.url, STAYS);
      if (seen.size !== PENDING[0])
        throw new Error(`${name} delivered ${seen.size} of ${PENDING[0]} spans of a page that stays`);
    }
    for (let round = 0; round < ROUNDS; round++) {
      for (const [name, page] of pages) {
        for (const [at, count] of PENDING.entries()) {
          seen = new Set();
          await visit(browser, page, count, wire.url, LEAVES);
          delivered.get(name)[at] += seen.size;
        }
      }
    }
  } finally {
    await browser.close();
    await wire.close();
    await bridge.stop();
    rmSync(dir, { recursive: true, force: true });
  }
  const share = (name, at) => (100 * delivered.get(name)[at]) / (ROUNDS * PENDING[at]);
  return PENDING.flatMap((count, at) => {
    const value = share('ours', at);
    const others = pages.slice(1).map(([name]) => ({ name, value: share(name, at) }));
    const best = others.reduce((a, b) => (b.value > a.value ? b : a));
    const ratio = best.value > 0 ? value / best.value : Infinity;
    return [
      {
        name: `${count} spans pending, delivered`,
        value,
        unit: '%',
        peer: best.name,
        peerValue: best.value,
        ratio,
        goal: '≥ 99 %',
        met: value >= 99,
      },
      ...others.map((other) => ({ name: `${other.name}: ${count} pending`, value: other.value, unit: '%' })),
    ];
  });
}

const STAYS = '';
const LEAVES = `location.href = '/elsewhere';`;

/** Loads a page, makes spans and does what comes then in the same task. */
async function visit(browser, { code, from }, count, otlp, then) {
  const server = await servePage(code, { from, otlp });
  const context = await browser.newContext();
  try {
    const page = await context.newPage();
    await page.goto(server.url);
    await page.evaluate(`import('/page.js').then(() => 0)`);
    // What starting records has left by then.
    await page.waitForTimeout(1_500);
    await page.evaluate(`makeSpans(${count}); ${then} 0`);
    if (then === LEAVES) await page.waitForURL('**/elsewhere');
    await page.waitForTimeout(SETTLED_MS);
  } finally {
    await context.close();
    await server.close();
  }
}
