import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { decodeRecord } from '@unhinged/events/journal';
import type { AlertsResponse, AlertView } from '@unhinged/observability-core';
import { AlertEvent } from '@unhinged/observability-proto';
import { alertServer } from '../testing/embedded/alert-server.js';
import { spanRecord } from '../testing/embedded/records.js';
import { runEmbedded, tempDir, until, type Running } from '../testing/embedded/run-embedded.js';

const failing = () => Array.from({ length: 10 }, () => spanRecord({ error: true }));

const alertOf = async ({ get }: Running): Promise<AlertView | undefined> =>
  (await get<AlertsResponse>('/api/alerts')).alerts[0];

async function alertEvents({ journal }: Running): Promise<AlertEvent[]> {
  const events: AlertEvent[] = [];
  for (let from = 1; ;) {
    const records = await journal.read({ from });
    for (const { payload } of records) {
      const { eventType, value } = decodeRecord(payload);
      if (eventType === 'alert') events.push(AlertEvent.decode(value));
    }
    const last = records.at(-1);
    if (!last) return events;
    from = last.sequence + 1;
  }
}

test('errors raise an alert at the webhook, in the journal and in the console; it is resolved when they end', async () => {
  const { told, url } = await alertServer();
  const running = await runEmbedded(await tempDir(), { webhooks: [url] });
  await running.append(...failing());
  await until('the alert is resolved at the webhook', () => told.length === 2);
  expect(told.map(({ status, service }) => [status, service])).toEqual([
    ['firing', 'chat'],
    ['resolved', 'chat'],
  ]);
  const alert = await until('the console has it', async () => {
    const found = await alertOf(running);
    return found?.state === 'resolved' ? found : undefined;
  });
  expect(alert).toMatchObject({
    ...{ name: 'error_spike', severity: 'page', labels: { service: 'chat', alertname: 'error_spike' } },
    fingerprint: told[0]?.fingerprint,
  });
  expect(alert.history.map(({ state }) => state)).toEqual(['pending', 'firing', 'resolved']);
  expect(alert.endsMs).toBe(alert.history[2]?.timeMs);
  const events = await alertEvents(running);
  expect(events.map(({ state }) => state)).toEqual([1, 2, 3]);
  expect(events[0]).toMatchObject({
    eventType: 'alert',
    destinations: { cdcStream: true, dataLake: false },
  });
});

test('a restart goes on where it was: an alert that fired before is resolved after, once', async () => {
  const { told, url } = await alertServer();
  const dir = await tempDir();
  // A clock that stands still: nothing is resolved before the restart.
  const now = Date.now();
  const first = await runEmbedded(dir, { webhooks: [url], clock: () => now });
  await first.append(...failing().map((record) => record));
  await first.append(spanRecord({ service: 'other', endMs: now + 1_000 }));
  await first.stop();
  const checkpoint = JSON.parse(await readFile(join(dir, 'state', 'processor.json'), 'utf8')) as {
    position: number;
  };
  expect(checkpoint.position).toBeGreaterThanOrEqual(11);

  const second = await runEmbedded(dir, { webhooks: [url] });
  await until('the alert is resolved', () => told.some(({ status }) => status === 'resolved'));
  expect(told.map(({ status }) => status)).toEqual(['firing', 'resolved']);
  expect(second.embedded.stats().processor.requests).toBe(11);
});

test('after a crash the journal is read again from the checkpoint, and the transitions found twice have the same ids', async () => {
  const { told, url } = await alertServer();
  const dir = await tempDir();
  const first = await runEmbedded(dir, { webhooks: [url] });
  await until('a first checkpoint', () =>
    readFile(join(dir, 'state', 'processor.json')).catch(() => undefined),
  );
  const before = await readFile(join(dir, 'state', 'processor.json'), 'utf8');
  await first.append(...failing());
  await until('resolved', () => told.length === 2);
  await first.stop();
  // What a kill would have left: everything but the checkpoints after the first.
  await writeFile(join(dir, 'state', 'processor.json'), before);

  const second = await runEmbedded(dir, { webhooks: [url] });
  await until('resolved again', () => told.length === 4);
  const events = await until('six events', async () => {
    const found = await alertEvents(second);
    return found.length === 6 ? found : undefined;
  });
  const ids = events.map(({ eventId }) => eventId);
  expect(ids.slice(3)).toEqual(ids.slice(0, 3));
  expect(new Set(ids).size).toBe(3);
  const alert = await until('the console', () => alertOf(second));
  expect(alert.history).toHaveLength(3);
});

test('an alert that the webhook was not told of is told after a restart', async () => {
  let up = false;
  const { told, url } = await alertServer(() => up);
  const dir = await tempDir();
  const first = await runEmbedded(dir, { webhooks: [url] });
  await first.append(...failing());
  await until('the alert has fired', async () => (await alertOf(first))?.history.length === 3);
  await first.stop();
  expect(told).toEqual([]);
  up = true;
  await runEmbedded(dir, { webhooks: [url] });
  await until('told', () => told.length === 2);
  expect(told.map(({ status }) => status)).toEqual(['firing', 'resolved']);
});

test('a damaged checkpoint is put aside and counted, and the journal is read anew', async () => {
  const dir = await tempDir();
  const first = await runEmbedded(dir);
  await first.append(spanRecord());
  await first.stop();
  await writeFile(join(dir, 'state', 'processor.json'), '{"version":1,"posit');
  const second = await runEmbedded(dir);
  expect(second.counters.get('checkpoint_damaged_total')).toBe(1);
  expect(await readFile(join(dir, 'state', 'processor.json.bad'), 'utf8')).toContain('posit');
  await until('read again', () => second.embedded.stats().processor.requests === 1);
});
