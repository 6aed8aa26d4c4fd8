import { afterEach, expect, test } from '@jest/globals';
import { createContextKey, ROOT_CONTEXT, propagation, type TextMapPropagator } from '@opentelemetry/api';
import { sessionTraceIds } from './sampling/session-trace-ids.js';
import { startTracing, type Tracing } from './tracing.js';

let tracing: Tracing | undefined;
afterEach(() => {
  tracing?.stop();
  propagation.disable();
});

const start = () =>
  (tracing = startTracing({
    ids: sessionTraceIds(() => 'f'.repeat(32)),
    sampled: () => true,
    onStart: () => undefined,
    onEnd: () => undefined,
    flush: () => Promise.resolve(),
  }));

test('a call in a span tells its receiver the span, as the registered propagator would', () => {
  const { provider, headersOf, contexts } = start();
  const span = provider.getTracer('test').startSpan('call');
  const { traceId, spanId } = span.spanContext();
  expect(headersOf(span)).toEqual({ traceparent: `00-${traceId}-${spanId}-01` });
  expect(contexts.active()).toBe(ROOT_CONTEXT);
});

test('a call whose tracing is suppressed, as that of an exporter, tells nothing', () => {
  const { provider, headersOf } = start();
  // What `suppressTracing()` of @opentelemetry/core does.
  const suppressed = ROOT_CONTEXT.setValue(
    createContextKey('OpenTelemetry SDK Context Key SUPPRESS_TRACING'),
    true,
  );
  expect(headersOf(provider.getTracer('test').startSpan('call', {}, suppressed))).toEqual({});
});

test('the propagator that a page has registered before is the one that is asked', () => {
  const own: TextMapPropagator = {
    fields: () => ['x-own'],
    inject: (_, carrier, setter) => {
      setter.set(carrier, 'x-own', 'yes');
    },
    extract: (context) => context,
  };
  propagation.setGlobalPropagator(own);
  const { provider, headersOf } = start();
  expect(headersOf(provider.getTracer('test').startSpan('call'))).toEqual({ 'x-own': 'yes' });
});
