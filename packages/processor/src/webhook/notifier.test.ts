import type { AlertTransition } from '../alert.js';
import { T0 } from '../testing/span-event.js';
import { webhookServer } from '../testing/webhook-server.js';
import { webhookNotifier, type WebhookNotifier, type WebhookOptions } from './notifier.js';

const stops: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const stop of stops.splice(0).reverse()) await stop();
});

async function server(...args: Parameters<typeof webhookServer>) {
  const started = await webhookServer(...args);
  stops.push(started.stop);
  return started;
}
function notifier(options: WebhookOptions): WebhookNotifier {
  const started = webhookNotifier({ firstRetryMs: 1, lastRetryMs: 5, ...options });
  stops.push(async () => {
    await started.close(0);
  });
  return started;
}
async function until(condition: () => boolean): Promise<void> {
  for (const end = Date.now() + 20_000; !condition();) {
    if (Date.now() > end) throw new Error('It did not happen within 20 s.');
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}

const alert = (of: Partial<AlertTransition> = {}): AlertTransition => ({
  fingerprint: 'f1',
  alertName: 'error_spike',
  state: 'firing',
  from: 'pending',
  severity: 'page',
  labels: { alertname: 'error_spike', service: 'chat' },
  annotations: { summary: 's', description: 'd' },
  value: 0.5,
  threshold: 0.05,
  atMs: T0,
  startsMs: T0 - 10_000,
  ...of,
});
const resolved = (of: Partial<AlertTransition> = {}) =>
  alert({ state: 'resolved', from: 'firing', endsMs: T0 + 1, atMs: T0 + 1, ...of });

test('a firing and a resolved alert arrive in the shape of Alertmanager', async () => {
  const { url, calls } = await server();
  const { notify } = notifier({ urls: [url], consoleUrl: 'http://localhost:4319' });
  notify(alert());
  notify(resolved());
  await until(() => calls.length === 2);
  expect(calls[0]?.headers['content-type']).toBe('application/json');
  expect(calls[0]?.body).toEqual({
    version: '4',
    groupKey: '{}:{alertname="error_spike"}',
    truncatedAlerts: 0,
    status: 'firing',
    receiver: 'unhinged',
    groupLabels: { alertname: 'error_spike' },
    commonLabels: { alertname: 'error_spike', service: 'chat', severity: 'page' },
    commonAnnotations: { summary: 's', description: 'd' },
    externalURL: 'http://localhost:4319',
    alerts: [
      {
        status: 'firing',
        labels: { alertname: 'error_spike', service: 'chat', severity: 'page' },
        annotations: { summary: 's', description: 'd' },
        startsAt: '2026-03-04T05:05:50.000Z',
        endsAt: '0001-01-01T00:00:00Z',
        generatorURL: 'http://localhost:4319',
        fingerprint: 'f1',
      },
    ],
  });
  expect(calls[1]?.body.alerts[0]).toMatchObject({
    status: 'resolved',
    startsAt: '2026-03-04T05:05:50.000Z',
    endsAt: '2026-03-04T05:06:00.001Z',
  });
});

test('pending, and the end of what never fired, are nobody’s business', async () => {
  const { url, calls } = await server();
  const { notify, stats } = notifier({ urls: [url] });
  notify(alert({ state: 'pending', from: null }));
  notify(resolved({ from: 'pending' }));
  notify(alert());
  await until(() => stats()[url]?.delivered === 1);
  expect(calls).toHaveLength(1);
});

test('a webhook that fails for a while gets everything, in order, once it works', async () => {
  let working = false;
  const { url, calls } = await server(() => (working ? 200 : 503));
  const { notify, stats, waiting } = notifier({ urls: [url] });
  const sent = Array.from({ length: 10 }, (_, i) => `f${i}`);
  for (const fingerprint of sent) {
    notify(alert({ fingerprint }));
    notify(resolved({ fingerprint }));
  }
  await until(() => calls.length > 5);
  expect(waiting()).toHaveLength(20);
  expect(stats()[url]).toMatchObject({ delivered: 0, lastError: `${url} answered 503` });
  working = true;
  const failed = calls.length;
  await until(() => stats()[url]?.delivered === 20);
  const told = calls.slice(-20).map(({ body }) => `${body.alerts[0]?.fingerprint ?? ''} ${body.status}`);
  expect(told).toEqual(sent.flatMap((fingerprint) => [`${fingerprint} firing`, `${fingerprint} resolved`]));
  expect(stats()[url]?.retries).toBeGreaterThanOrEqual(failed - 1);
  expect(waiting()).toEqual([]);
});

test('a webhook that is down does not hold up another', async () => {
  const good = await server();
  const bad = await server(() => undefined);
  const { notify, stats } = notifier({ urls: [bad.url, good.url], timeoutMs: 50 });
  notify(alert());
  await until(() => good.calls.length === 1 && (stats()[bad.url]?.retries ?? 0) >= 2);
  expect(stats()[bad.url]?.lastError).toContain('timeout');
});

test.each([400, 404, 302])('an answer of %d is final', async (status) => {
  const { url, calls } = await server(() => status);
  const { notify, stats } = notifier({ urls: [url] });
  notify(alert());
  await until(() => stats()[url]?.dropped.refused === 1);
  expect(calls).toHaveLength(1);
  expect(stats()[url]?.lastError).toContain(`answered ${status}`);
});

test('what cannot be delivered in time is given up and counted', async () => {
  const { url, stop } = await server();
  await stop();
  const { notify, stats } = notifier({ urls: [url], giveUpMs: 30 });
  notify(alert());
  await until(() => stats()[url]?.dropped.gave_up === 1);
  expect(stats()[url]).toMatchObject({ queued: 0, delivered: 0 });
  expect(stats()[url]?.lastError).toContain('ECONNREFUSED');
});

test('the queue is bounded, and what is left at the end is counted', async () => {
  const { url } = await server(() => 500);
  const running = notifier({ urls: [url], maxQueued: 3 });
  for (let i = 0; i < 5; i++) running.notify(alert());
  expect(await running.close(10)).toHaveLength(3);
  running.notify(alert());
  expect(running.stats()[url]).toMatchObject({ queued: 0, dropped: { queue_full: 2, closed: 4 } });
});

test('close lets the queue empty first', async () => {
  const { url, calls } = await server();
  const running = notifier({ urls: [url] });
  for (let i = 0; i < 5; i++) running.notify(alert());
  await running.close(20_000);
  expect(calls).toHaveLength(5);
});

test('a URL that is none is named', () => {
  expect(() => webhookNotifier({ urls: ['alerts.example.com'] })).toThrow('got "alerts.example.com"');
});
