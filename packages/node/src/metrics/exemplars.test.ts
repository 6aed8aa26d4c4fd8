import { expect, test } from '@jest/globals';
import { SpanKind, type Attributes } from '@opentelemetry/api';
import type { ReadableSpan } from '@opentelemetry/sdk-trace-base';
import { Exemplars } from './exemplars.js';

let spans = 0;
const span = (seconds: number, attributes: Attributes, kind: SpanKind = SpanKind.SERVER): ReadableSpan => {
  const spanId = (++spans).toString(16).padStart(16, '0');
  const fake = { kind, attributes, endTime: [100, 0], duration: [Math.floor(seconds), (seconds % 1) * 1e9] };
  return { ...fake, spanContext: () => ({ traceId: 'a'.repeat(32), spanId, traceFlags: 1 }) } as never;
};
const http = {
  'http.request.method': 'GET',
  'http.route': '/a',
  'http.response.status_code': 200,
  'url.path': '/a',
};
const point = {
  'http.request.method': 'GET',
  'http.route': '/a',
  'http.response.status_code': 200,
  'url.scheme': 'http',
};
const none = () => undefined;

test('the newest of each octave of a series, each once for who asks after a number', () => {
  const exemplars = new Exemplars();
  for (const seconds of [0.0101, 0.0102, 1.5, 0]) exemplars.offer(span(seconds, http), true, none);
  exemplars.offer(span(7, { ...http, 'http.route': '/b' }), true, none);
  const news = exemplars.news();
  const next = () => news()('http.server.request.duration', point).map(({ value }) => value);
  expect(next()).toEqual([0.0102, 1.5, 0]);
  exemplars.offer(span(1.6, http), true, none);
  expect(next()).toEqual([1.6]);
  expect(next()).toEqual([]);
  expect(exemplars.of('http.server.request.duration', point)).toHaveLength(3);
  expect(exemplars.of('another.metric', point)).toEqual([]);
});

test('a client call is one of its histogram, a local root without HTTP one of ours, other spans are none', () => {
  const exemplars = new Exemplars();
  exemplars.offer(span(1, { ...http, 'server.address': 'db' }, SpanKind.CLIENT), false, none);
  exemplars.offer(span(2, {}, SpanKind.INTERNAL), false, () => ({ 'unhinged.operation': 'job' }));
  exemplars.offer(span(3, {}, SpanKind.CONSUMER), true, () => ({ 'unhinged.operation': 'job' }));
  const values = (metric: string, of: Attributes) => exemplars.of(metric, of).map(({ value }) => value);
  expect(values('http.client.request.duration', { ...point, 'server.address': 'db' })).toEqual([1]);
  expect(values('unhinged.request.duration', { 'unhinged.operation': 'job' })).toEqual([3]);
});

test('series are bounded', () => {
  const exemplars = new Exemplars();
  for (let n = 0; n < 1_100; n++) exemplars.offer(span(1, { ...http, 'http.route': `/${n}` }), true, none);
  const held = (n: number) =>
    exemplars.of('http.server.request.duration', { ...point, 'http.route': `/${n}` }).length;
  expect([held(999), held(1_000)]).toEqual([1, 0]);
});
