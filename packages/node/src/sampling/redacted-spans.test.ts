import { expect, test } from '@jest/globals';
import { Redaction } from '@unhinged/observability-core';
import { ROOT_CONTEXT, trace } from '@opentelemetry/api';
import { emptyResource } from '@opentelemetry/resources';
import type { ReadableSpan } from '@opentelemetry/sdk-trace-base';
import { useHarness } from '../testing/harness.js';
import { attributes } from '../testing/otlp-receiver.js';
import { RecordingTracerProvider } from '../trace/tracer.js';
import { redactingSink } from './redacted-spans.js';

const harness = useHarness();

test('secrets are taken out of attributes, events and links; the span stays as it was, and one without secrets is passed on itself', () => {
  const taken: ReadableSpan[] = [];
  const done = () => Promise.resolve();
  const sink = redactingSink(
    { add: (spans) => taken.push(...spans), flush: done, shutdown: done },
    new Redaction(['card.number']),
  );
  const nothing = { onStart: () => undefined, onEnd: () => undefined, forceFlush: done, shutdown: done };
  const recorder = { start: () => ({ recorded: true, sampled: true, traceState: undefined }), ...nothing };
  const tracer = new RecordingTracerProvider(emptyResource(), recorder).getTracer('test');
  const context = { traceId: 'a'.repeat(32), spanId: 'b'.repeat(16), traceFlags: 1 };
  const span = tracer.startSpan('pay', {}, trace.setSpan(ROOT_CONTEXT, trace.wrapSpanContext(context)));
  span.setAttributes({
    'http.request.header.authorization': 'Bearer x',
    'url.full': 'https://me:pw@shop/x?token=t&page=2',
    'card.number': '4711',
    'card.holder': 'me',
  });
  span.addEvent('login', { password: 'p', user: 'me' });
  span.addEvent('plain', { user: 'me' });
  span.addLink({ context, attributes: { api_key: 'k' } });
  const plain = tracer.startSpan('plain');
  sink.add([span, plain] as never, 'ot=th:0');
  const [redacted] = taken;
  expect(redacted?.attributes).toEqual({
    'http.request.header.authorization': '[Redacted]',
    'url.full': 'https://REDACTED:REDACTED@shop/x?token=REDACTED&page=2',
    'card.number': '[Redacted]',
    'card.holder': 'me',
  });
  expect(redacted?.events.map((event) => event.attributes)).toEqual([
    { password: '[Redacted]', user: 'me' },
    { user: 'me' },
  ]);
  expect(redacted?.links[0]?.attributes).toEqual({ api_key: '[Redacted]' });
  expect(redacted?.name).toBe('pay');
  expect((span as unknown as ReadableSpan).attributes['card.number']).toBe('4711');
  expect(taken[1]).toBe(plain);
});

test('no secret of a request leaves a process: query, headers that were asked for, LOG_REDACT', async () => {
  const app = await harness.start('esm-express/app.js', {
    LOG_REDACT: 'http.response.header.x-secret',
    OTEL_INSTRUMENTATION_HTTP_SERVER_CAPTURE_REQUEST_HEADERS: 'authorization,x-page',
  });
  await fetch(`${app.url}/items/7?token=very-secret&page=2`, {
    headers: { authorization: 'Bearer very-secret', 'x-page': '2' },
  });
  const span = await harness.span('GET /items/:id', 2);
  expect(attributes(span.attributes)).toMatchObject({ 'url.query': 'token=REDACTED&page=2' });
  expect(
    JSON.stringify(
      harness.receiver.spans.map((each) => attributes(each.attributes)),
      (_key, value: unknown) => (typeof value === 'bigint' ? Number(value) : value),
    ),
  ).not.toContain('very-secret');
});
