import { afterEach, expect, test } from '@jest/globals';
import {
  createContextKey,
  INVALID_SPAN_CONTEXT,
  ROOT_CONTEXT,
  propagation,
  trace,
  type TextMapPropagator,
  type Tracer,
} from '@opentelemetry/api';
import { newSpanId, newTraceId } from './sampling/session-trace-ids.js';
import { startTracing, type Tracing } from './tracing.js';

let tracing: Tracing | undefined;
afterEach(() => {
  tracing?.stop();
  propagation.disable();
});

const start = () =>
  (tracing = startTracing({
    begin: (_, traceId = newTraceId('f'.repeat(32))) => ({
      traceId,
      spanId: newSpanId(),
      sampled: true,
      attributes: {},
    }),
    onEnd: () => undefined,
    flush: () => Promise.resolve(),
  }));

test('a call in a span tells its receiver the span, as the registered propagator would', () => {
  const { provider, headersOf, contexts } = start();
  const span = provider.getTracer('test').startSpan('call').spanContext();
  const { traceId, spanId } = span;
  expect(headersOf(span)).toEqual({ traceparent: `00-${traceId}-${spanId}-01` });
  expect(contexts.active()).toBe(ROOT_CONTEXT);
});

test('a call whose tracing is suppressed, as that of an exporter, is no span and tells nothing', () => {
  const { provider } = start();
  // What `suppressTracing()` of @opentelemetry/core does.
  const suppressed = ROOT_CONTEXT.setValue(
    createContextKey('OpenTelemetry SDK Context Key SUPPRESS_TRACING'),
    true,
  );
  const tracer = provider.getTracer('test');
  expect(tracer.startSpan('call', {}, suppressed).isRecording()).toBe(false);
  expect(tracer.begin('call', {}, suppressed)).toBeUndefined();
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
  expect(headersOf(provider.getTracer('test').startSpan('call').spanContext())).toEqual({ 'x-own': 'yes' });
});

test('a tracer provider that a page has registered before is still there after the stop', () => {
  const asked: string[] = [];
  const span = trace.wrapSpanContext(INVALID_SPAN_CONTEXT);
  const tracer = { startSpan: () => span, startActiveSpan: () => undefined } as unknown as Tracer;
  trace.setGlobalTracerProvider({
    getTracer(name) {
      asked.push(name);
      return tracer;
    },
  });
  start().stop();
  tracing = undefined;
  trace.getTracer('app').startSpan('work');
  trace.disable();
  expect(asked).toEqual(['app']);
});
