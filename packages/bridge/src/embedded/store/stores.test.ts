import { AlertEvent, TraceEvent } from '@unhinged/observability-proto';
import { decodeRecord, encodeRecord } from '@unhinged/events/journal';
import type { LogView } from '@unhinged/observability-core';
import { newTraceId, spanRecord, type SpanOf } from '../../testing/embedded/records.js';
import { AlertStore } from './alert-store.js';
import { LogStore } from './log-store.js';
import { Ring } from './ring.js';
import { ServiceStore } from './service-store.js';
import { TraceStore } from './trace-store.js';

const T0 = 1_772_600_760_000;
const addTo = (store: TraceStore, of: SpanOf) => {
  // As it comes: a view of a larger buffer.
  const { value } = decodeRecord(encodeRecord(spanRecord(of)));
  return store.add(TraceEvent.decode(value), value);
};
const all = { limit: 10_000 };

test('a ring keeps the newest within its bounds and counts the others', () => {
  const ring = new Ring<number>(3_000, 1e6);
  for (let i = 0; i < 10_000; i++) ring.push(i, 10);
  expect([...ring.newestFirst()]).toEqual(Array.from({ length: 3_000 }, (_, i) => 9_999 - i));
  expect(ring).toMatchObject({ size: 3_000, bytes: 30_000, evicted: 7_000 });
  ring.push(-1, 999_000);
  expect(ring.size).toBe(101);
});

test('the traces that were added to last stay, within the bounds of traces, spans and bytes', async () => {
  const store = new TraceStore({ maxTraces: 10, maxSpans: 50, maxBytes: 1e6 });
  const first = newTraceId();
  addTo(store, { traceId: first });
  for (let i = 0; i < 9; i++) addTo(store, {});
  addTo(store, { traceId: first });
  for (let i = 0; i < 9; i++) addTo(store, {});
  expect(store.size).toMatchObject({ traces: 10, spans: 11, evicted: 9 });
  expect((await store.search(all)).map(({ traceId }) => traceId)).toContain(first);
  for (let i = 0; i < 100; i++) addTo(store, { attributes: { x: 'y'.repeat(100_000) } });
  expect(store.size.bytes).toBeLessThanOrEqual(1e6);
});

test('one trace that never ends does not push out the others', () => {
  const store = new TraceStore({ maxTraces: 10, maxSpans: 100, maxBytes: 1e6 });
  addTo(store, {});
  const traceId = newTraceId();
  for (let i = 0; i < 200; i++) addTo(store, { traceId });
  expect(store.size).toMatchObject({ traces: 2, spans: 26, dropped: 175 });
});

test('a span that comes twice is one span', () => {
  const store = new TraceStore({ maxTraces: 10, maxSpans: 100, maxBytes: 1e6 });
  const span = { traceId: newTraceId(), spanId: 'a'.repeat(16), endMs: T0 };
  addTo(store, span);
  const { bytes } = store.size;
  addTo(store, span);
  expect(store.size).toMatchObject({ spans: 1, bytes });
});

test('a trace without its root is shown by its first span and is not complete', () => {
  const store = new TraceStore({ maxTraces: 10, maxSpans: 100, maxBytes: 1e6 });
  const traceId = newTraceId();
  addTo(store, { traceId, parentSpanId: 'b'.repeat(16), name: 'late', endMs: T0 });
  addTo(store, { traceId, parentSpanId: 'b'.repeat(16), name: 'early', endMs: T0 - 10, durationMs: 20 });
  expect(store.summary(traceId)).toMatchObject({
    rootName: 'early',
    complete: false,
    durationMs: 30,
    startMs: T0 - 30,
  });
  addTo(store, { traceId, name: 'root', endMs: T0 + 5, durationMs: 10 });
  expect(store.summary(traceId)).toMatchObject({
    rootName: 'root',
    complete: true,
    durationMs: 35,
    spans: 3,
  });
});

test('log lines are found by level, service, trace and text, the newest, in order of time', () => {
  const store = new LogStore(100, 1e6);
  const add = (of: Partial<LogView>) => {
    store.add(
      {
        ...{
          eventId: '',
          timeNano: '1',
          level: 'info',
          service: 'a',
          tier: '',
          message: '',
          traceId: '',
          spanId: '',
        },
        ...{ attributes: {}, flags: 'CDL' },
        ...of,
      },
      10,
    );
  };
  add({ timeNano: '1000', message: 'second' });
  add({ timeNano: '999', message: 'first', level: 'error' });
  add({
    timeNano: '2000',
    message: 'third',
    level: 'unspecified',
    service: 'b',
    attributes: { Room: { name: 'BLUE' } },
  });
  const messages = (of: object) => store.search({ limit: 10, ...of }).map(({ message }) => message);
  expect(messages({})).toEqual(['first', 'second', 'third']);
  expect(messages({ level: 'warn' })).toEqual(['first', 'third']);
  expect(messages({ service: 'b' })).toEqual(['third']);
  expect(messages({ q: 'SEC' })).toEqual(['second']);
  expect(messages({ q: 'blue' })).toEqual(['third']);
  expect(messages({ limit: 2 })).toEqual(['first', 'third']);
});

test('figures of a service cover fifteen minutes, to the bucket', () => {
  let now = T0;
  const store = new ServiceStore(() => now);
  const count = (endMs: number, durationMs: number, isError = false) => {
    store.see('chat', 'backend', endMs);
    store.count({ service: 'chat', operation: 'x', endMs, durationMs, isError, weight: 1 });
  };
  count(T0 - 901_000, 1);
  count(T0 + 60_000, 1);
  count(T0 - 5_000, 100);
  count(T0 - 15_000, 200, true);
  const [chat] = store.summaries().services;
  expect(chat).toMatchObject({ service: 'chat', tier: 'backend', requests: 2, errors: 1, lastSeenMs: T0 });
  expect(chat?.series).toHaveLength(90);
  expect(chat?.series.slice(-3).map(({ requests }) => requests)).toEqual([1, 1, 0]);
  expect(Math.abs((chat?.p99Ms ?? 0) - 200)).toBeLessThanOrEqual(2);
  now += 10 * 60_000;
  expect(store.summaries().services[0]?.requests).toBe(2);
  now += 6 * 60_000;
  expect(store.summaries().services).toEqual([]);
});

test('the rate of a service that has just appeared is of the time that it was there', () => {
  let now = T0;
  const store = new ServiceStore(() => now);
  store.see('chat', 'web', now);
  for (let i = 0; i < 100; i++)
    store.count({ service: 'chat', operation: 'x', endMs: now, durationMs: 1, isError: false, weight: 1 });
  now += 20_000;
  expect(store.summaries().services[0]?.rate).toBe(5);
});

test('alerts stand firing, pending, resolved, each newest first, and are bounded', () => {
  const store = new AlertStore();
  const add = (fingerprint: string, state: 1 | 2 | 3, seconds: number) =>
    store.add(AlertEvent.fromPartial({ fingerprint, state, timestamp: { seconds: BigInt(seconds) } }));
  add('a', 2, 1);
  add('b', 1, 2);
  add('c', 3, 3);
  add('d', 2, 4);
  expect(store.list().map(({ fingerprint }) => fingerprint)).toEqual(['d', 'a', 'b', 'c']);
  expect(add('a', 2, 1)).toBeUndefined();
  for (let i = 0; i < 1_000; i++) add(`x${i}`, 3, 10 + i);
  expect(store.size).toEqual({ alerts: 1_000, evicted: 4 });
  expect(
    store
      .list()
      .slice(0, 3)
      .map(({ fingerprint }) => fingerprint),
  ).toEqual(['d', 'a', 'b']);
  for (let i = 0; i < 200; i++) add('a', i % 2 === 0 ? 1 : 2, 5_000 + i);
  expect(store.list().find(({ fingerprint }) => fingerprint === 'a')?.history).toHaveLength(100);
});
