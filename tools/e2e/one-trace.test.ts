import type { AlertsResponse, LogView, SpanView, TraceResponse } from '@unhinged/observability-core';
import type { Browser, Page } from 'playwright-core';

import { act, launchBrowser } from './support/browser.js';
import {
  eventually,
  freePortOffset,
  getJson,
  postJson,
  query,
  quickPolicy,
  type Running,
  startCommand,
  temporaryFolder,
} from './support/system.js';
import { startWebhook, type Webhook } from './support/webhook.js';

/** The trace once its spans of all three tiers are there, with their parents, and at least one log line of each. */
async function wholeTrace(console: string, traceId: string): Promise<TraceResponse> {
  return eventually(`trace ${traceId} of all three tiers with their logs`, async () => {
    const trace = await getJson<TraceResponse>(`${console}/api/traces/${traceId}`);
    const tiers = (items: (SpanView | LogView)[]): number => new Set(items.map((item) => item.tier)).size;
    // The click arrives before the request that it caused.
    const ids = new Set(['', ...trace.spans.map(({ spanId }) => spanId)]);
    const isWhole = trace.spans.every(({ parentSpanId }) => ids.has(parentSpanId));
    return isWhole && tiers(trace.spans) === 3 && tiers(trace.logs) === 3 ? trace : undefined;
  });
}

/** From a back-end span up to the root: the tiers on the way, each once. */
function tiersUpwards(spans: SpanView[]): string[] {
  const byId = new Map(spans.map((span) => [span.spanId, span]));
  const tiers: string[] = [];
  let span = spans.find(({ tier, kind }) => tier === 'backend' && kind === 'server');
  while (span !== undefined) {
    if (tiers.at(-1) !== span.tier) tiers.push(span.tier);
    span = byId.get(span.parentSpanId);
  }
  return tiers;
}

describe('one request, from the browser to a SQL query', () => {
  const folder = temporaryFolder();
  const data = `${folder.path}/data`;
  let webhook: Webhook;
  let up: Running;
  let demo: Running;
  let browser: Browser;
  let page: Page;
  let consoleUrl = '';
  let demoUrl = '';
  const pageErrors: string[] = [];

  beforeAll(async () => {
    const offset = await freePortOffset();
    consoleUrl = `http://localhost:${String(4319 + offset)}`;
    demoUrl = `http://localhost:${String(3000 + offset)}`;
    webhook = await startWebhook();
    stops.push(webhook.stop);
    const shift = ['--port-offset', String(offset)];
    up = await startCommand([
      'up',
      ...shift,
      '--data',
      data,
      '--policy',
      quickPolicy(folder.path),
      '--webhook',
      webhook.url,
    ]);
    stops.push(() => up.end('SIGTERM'));
    demo = await startCommand(['demo', ...shift], { env: { OTEL_METRIC_EXPORT_INTERVAL: '1000' } });
    stops.push(() => demo.end('SIGTERM'));
    browser = await launchBrowser();
    stops.push(() => browser.close());
    page = await browser.newPage();
    page.on('pageerror', (error) => pageErrors.push(error.message));
    await page.goto(demoUrl);
  });

  // What was started last is stopped first, also when a later part did not start.
  const stops: (() => Promise<unknown>)[] = [];
  afterAll(async () => {
    for (const stop of stops.reverse()) await stop();
    folder.remove();
  });

  it('has spans of web, gateway and back end with the right parents, and the log lines of all three', async () => {
    const traceId = await act(page, async () => {
      await page.getByTestId('message-input').fill('Hello from Chromium');
      await page.getByTestId('send').click();
    });
    await page.getByTestId('messages').getByText('Hello from Chromium').first().waitFor();
    const trace = await wholeTrace(consoleUrl, traceId);
    expect(tiersUpwards(trace.spans)).toEqual(['backend', 'gateway', 'web']);
    expect(trace.spans.filter((span) => span.parentSpanId === '')).toHaveLength(1);
    expect(new Set(trace.logs.map((log) => log.traceId))).toEqual(new Set([traceId]));
    expect(trace.spans.filter((span) => span.status === 'error')).toEqual([]);
  });

  it('shows the trace in the console while it happens', async () => {
    const console = await browser.newPage();
    console.on('pageerror', (error) => pageErrors.push(error.message));
    await console.goto(`${consoleUrl}/#/traces`);
    const traceId = await act(page, () => page.getByTestId('slow').click());
    await console.locator(`[data-testid=trace-row][data-trace-id="${traceId}"]`).first().click();
    await console.locator('[data-testid=span-row]').first().waitFor();
    await console.goto(`${consoleUrl}/#/overview`);
    for (const { service } of (await wholeTrace(consoleUrl, traceId)).spans) {
      await console.locator(`[data-testid=service-card][data-service="${service}"]`).waitFor();
    }
    await console.close();
  });

  it('raises an alert at the webhook for what failed, and resolves it', async () => {
    const traceId = await act(page, () => page.getByTestId('fail').click());
    const trace = await wholeTrace(consoleUrl, traceId);
    expect(trace.spans.some((span) => span.tier === 'backend' && span.status === 'error')).toBe(true);
    expect(trace.logs.some((log) => log.tier === 'backend' && log.level === 'error')).toBe(true);
    const of = (status: string): Promise<unknown> =>
      eventually(`a ${status} alert at the webhook`, () =>
        Promise.resolve(webhook.alerts.find((alert) => alert.status === status)),
      );
    expect(await of('firing')).toMatchObject({ labels: { alertname: 'error_spike' } });
    const console = await browser.newPage();
    await console.goto(`${consoleUrl}/#/alerts`);
    await console.locator('[data-testid=alert-row]').first().waitFor();
    await console.close();
    await of('resolved');
    const { alerts } = await getJson<AlertsResponse>(`${consoleUrl}/api/alerts`);
    expect(alerts[0]?.history.map(({ state }) => state).slice(0, 2)).toEqual(['pending', 'firing']);
  });

  it('finds its rows in Parquet after the flush, by the command and by the console', async () => {
    const traceId = await act(page, () => page.getByTestId('fail').click());
    const trace = await wholeTrace(consoleUrl, traceId);
    await postJson(`${consoleUrl}/api/flush`, {});
    const spans = query(
      data,
      `select span_id, service from observability_traces where trace_id = '${traceId}'`,
    );
    expect(spans.map((row) => row['span_id']).sort()).toEqual(trace.spans.map(({ spanId }) => spanId).sort());
    const errors = query(
      data,
      `select level from observability_logs where trace_id = '${traceId}' and level = 'error'`,
    );
    expect(errors.length).toBe(trace.logs.filter(({ level }) => level === 'error').length);
    // Metrics leave on a timer of their own.
    await eventually('metric points in the lake', async () => {
      await postJson(`${consoleUrl}/api/flush`, {});
      const [row] = query(data, 'select count(distinct service) as services from observability_metrics');
      return row?.['services'] === 3 ? true : undefined;
    });

    const console = await browser.newPage();
    await console.goto(`${consoleUrl}/#/sql`);
    await console
      .getByTestId('sql-input')
      .fill(`select distinct tier from observability_traces where trace_id = '${traceId}' order by all`);
    await console.getByTestId('sql-run').click();
    await console.getByTestId('sql-result').getByText('gateway').waitFor();
    await console.close();
  });

  it('left no error on any page', () => {
    expect(pageErrors).toEqual([]);
  });

  it('stops cleanly on SIGTERM', async () => {
    expect(await demo.end('SIGTERM')).toBe(0);
    expect(await up.end('SIGTERM')).toBe(0);
  });
});
