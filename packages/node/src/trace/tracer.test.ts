import { describe, expect, it } from '@jest/globals';
import {
  context,
  ROOT_CONTEXT,
  SpanKind,
  trace,
  type Context,
  type Span,
  type Tracer,
} from '@opentelemetry/api';
import { AsyncLocalStorageContextManager } from '@opentelemetry/context-async-hooks';
import { suppressTracing } from '@opentelemetry/core';
import { emptyResource } from '@opentelemetry/resources';
import { BasicTracerProvider, type ReadableSpan, type SpanLimits } from '@opentelemetry/sdk-trace-base';
import fc from 'fast-check';
import { RecordingTracerProvider } from './tracer.js';

/** The SDK's own tracer and ours; `ended` lists what each has handed on. */
function both(limits: SpanLimits = {}): { tracer: Tracer; ended: ReadableSpan[] }[] {
  const make = (
    provider: (processor: ReturnType<typeof collector>) => { getTracer(name: string): Tracer },
  ) => {
    const processor = collector();
    return { tracer: provider(processor).getTracer('test'), ended: processor.ended };
  };
  return [
    make((processor) => new BasicTracerProvider({ spanProcessors: [processor], spanLimits: limits })),
    make((processor) => new RecordingTracerProvider(emptyResource(), processor, limits)),
  ];
}

function collector() {
  const ended: ReadableSpan[] = [];
  return {
    ended,
    start: () => ({ recorded: true, sampled: true, traceState: undefined }),
    onStart: () => undefined,
    onEnd: (span: ReadableSpan) => ended.push(span),
    forceFlush: () => Promise.resolve(),
    shutdown: () => Promise.resolve(),
  };
}

/** All that a span says, without its ids and clock readings. */
function shown(span: ReadableSpan) {
  const { name, kind, status, attributes, links, events, ended, instrumentationScope } = span;
  const { droppedAttributesCount, droppedEventsCount, droppedLinksCount } = span;
  return {
    ...{ name, kind, status, attributes, links, ended, instrumentationScope: instrumentationScope.name },
    ...{ droppedAttributesCount, droppedEventsCount, droppedLinksCount },
    events: events.map(({ time, ...event }) => ({ ...event, time: time[0] > 1_000_000_000 ? 'now' : time })),
    isChild: span.parentSpanContext !== undefined,
    flags: span.spanContext().traceFlags,
  };
}

const key = fc.constantFrom('', 'a', 'b', 'c', 'toString');
const value = fc.oneof(
  fc.string(),
  fc.integer(),
  fc.boolean(),
  fc.constantFrom(null, undefined, NaN, {}, Symbol.iterator, 1n, new Date(0), ['x', 1], [null, 'xxxxx']),
  fc.array(fc.string()),
);
const attributes = fc.oneof(fc.dictionary(key, value, { noNullPrototype: true }), fc.constant(undefined));
const time = fc.oneof(fc.constant(undefined), fc.constantFrom(new Date(5_000), [7, 8], [3, 999_999_999]));
const link = fc.record({
  context: fc.constant({ traceId: '1'.repeat(32), spanId: '2'.repeat(16), traceFlags: 1 }),
  attributes,
});
const exception = fc.constantFrom(
  'text',
  { name: 'E', message: 'm', stack: 's' },
  { code: 42, message: '' },
  {},
  { name: '', message: 'only' },
);
const step = fc.oneof(
  fc.record({ call: fc.constant('setAttribute'), with: fc.tuple(key, value) }),
  fc.record({ call: fc.constant('setAttributes'), with: fc.tuple(attributes) }),
  fc.record({ call: fc.constant('addEvent'), with: fc.tuple(fc.string(), attributes, time) }),
  fc.record({ call: fc.constant('addEvent'), with: fc.tuple(fc.string(), time) }),
  fc.record({ call: fc.constant('addLink'), with: fc.tuple(link) }),
  fc.record({ call: fc.constant('addLinks'), with: fc.tuple(fc.array(link, { maxLength: 4 })) }),
  fc.record({
    call: fc.constant('setStatus'),
    with: fc.tuple(
      fc.record({ code: fc.constantFrom(0, 1, 2), message: fc.constantFrom(undefined, 'why', 7) }),
    ),
  }),
  fc.record({ call: fc.constant('updateName'), with: fc.tuple(fc.string()) }),
  fc.record({ call: fc.constant('recordException'), with: fc.tuple(exception, time) }),
  fc.record({ call: fc.constant('end'), with: fc.tuple(time) }),
);
const limit = fc.constantFrom(undefined, 1, 2, 128);
const limits = fc.record({
  attributeCountLimit: limit,
  attributeValueLengthLimit: fc.constantFrom(undefined, 3),
  eventCountLimit: fc.oneof(limit, fc.constant(0)),
  linkCountLimit: fc.oneof(limit, fc.constant(0)),
  attributePerEventCountLimit: limit,
  attributePerLinkCountLimit: limit,
});
const options = fc.record(
  {
    kind: fc.constantFrom(SpanKind.SERVER, SpanKind.CLIENT, SpanKind.INTERNAL),
    attributes,
    links: fc.array(link, { maxLength: 3 }),
    startTime: time,
    root: fc.boolean(),
  },
  { requiredKeys: [] },
);

describe('our tracer', () => {
  it('records, call by call, what the tracer of the SDK records', () => {
    fc.assert(
      fc.property(
        options,
        fc.boolean(),
        fc.array(step, { maxLength: 12 }),
        limits,
        (given, isChild, steps, limits) => {
          const [theirs, ours] = both(JSON.parse(JSON.stringify(limits)) as SpanLimits).map(
            ({ tracer, ended }) => {
              const around = isChild ? trace.setSpan(ROOT_CONTEXT, tracer.startSpan('parent')) : ROOT_CONTEXT;
              const span = tracer.startSpan('name', given as object, around) as Span & ReadableSpan;
              for (const { call, with: values } of steps) {
                (span as unknown as Record<string, (...values: unknown[]) => void>)[call]?.(...values);
              }
              const isRecording = span.isRecording();
              span.end();
              return { ...shown(span), isRecording, handedOn: ended.length };
            },
          );
          expect(ours).toEqual(theirs);
        },
      ),
      { numRuns: 1_000 },
    );
  });

  it('keeps the times it is given, and makes negative durations zero', () => {
    for (const { tracer } of both()) {
      const at = (start: [number, number], end: [number, number]) => {
        const span = tracer.startSpan('timed', { startTime: start }) as Span & ReadableSpan;
        span.end(end);
        return span;
      };
      expect(at([100, 5], [101, 2])).toMatchObject({
        startTime: [100, 5],
        endTime: [101, 2],
        duration: [0, 999_999_997],
      });
      expect(at([100, 5], [99, 2])).toMatchObject({
        startTime: [100, 5],
        endTime: [100, 5],
        duration: [0, 0],
      });
    }
  });

  it('reads the clock well: a child lies within its parent, and now is now', async () => {
    const [, ours] = both();
    const before = Date.now();
    const parent = ours?.tracer.startSpan('parent') as Span & ReadableSpan;
    await new Promise((resolve) => setTimeout(resolve, 12));
    const child = ours?.tracer.startSpan('child', {}, trace.setSpan(ROOT_CONTEXT, parent)) as Span &
      ReadableSpan;
    child.addEvent('event');
    child.addEvent('event of the monotonic clock', performance.now());
    child.end();
    parent.end();
    const ms = ([seconds, nanos]: readonly [number, number]) => seconds * 1e3 + nanos / 1e6;
    expect(ms(parent.startTime)).toBeGreaterThanOrEqual(before - 1);
    expect(ms(parent.duration)).toBeGreaterThan(10);
    expect(ms(child.startTime) - ms(parent.startTime)).toBeGreaterThan(10);
    expect(ms(child.endTime)).toBeLessThanOrEqual(ms(parent.endTime) + 0.001);
    for (const { time } of child.events) expect(Math.abs(ms(time) - ms(child.startTime))).toBeLessThan(1_000);
    expect(Math.abs(ms(parent.endTime) - Date.now())).toBeLessThan(1_000);
  });

  it('takes part in contexts: active spans, roots, foreign and invalid parents, suppression', () => {
    context.setGlobalContextManager(new AsyncLocalStorageContextManager().enable());
    const remote = { traceId: 'a'.repeat(32), spanId: 'b'.repeat(16), traceFlags: 1, isRemote: true };
    const results = both().map(({ tracer, ended }) => {
      const within = (around: Context) => tracer.startSpan('in', {}, around) as Span & ReadableSpan;
      const active = tracer.startActiveSpan('active', { kind: SpanKind.CLIENT }, (span) => {
        expect(trace.getActiveSpan()).toBe(span);
        const child = tracer.startSpan('child') as Span & ReadableSpan;
        const root = tracer.startSpan('root', { root: true }) as Span & ReadableSpan;
        child.end();
        span.end();
        return [
          child.parentSpanContext?.spanId === span.spanContext().spanId,
          child.spanContext().traceId === span.spanContext().traceId,
          root.parentSpanContext,
        ];
      });
      const invalid = within(trace.setSpanContext(ROOT_CONTEXT, { ...remote, spanId: 'nonsense' }));
      const suppressed = tracer.startSpan('no', {}, suppressTracing(ROOT_CONTEXT));
      return {
        active,
        three: [tracer.startActiveSpan('f', () => 1), tracer.startActiveSpan('f', {}, ROOT_CONTEXT, () => 3)],
        remote: [
          within(trace.setSpanContext(ROOT_CONTEXT, remote)).spanContext().traceId,
          within(trace.setSpanContext(ROOT_CONTEXT, remote)).parentSpanContext,
        ],
        invalid: [invalid.parentSpanContext, invalid.spanContext().traceId === remote.traceId],
        suppressed: [suppressed.isRecording(), suppressed.spanContext().traceId],
        ended: ended.map(({ name }) => name),
      };
    });
    context.disable();
    expect(results[1]).toEqual(results[0]);
    expect(results[1]?.active).toEqual([true, true, undefined]);
  });
});
