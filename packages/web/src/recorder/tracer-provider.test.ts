import {
  ROOT_CONTEXT,
  SpanKind,
  SpanStatusCode,
  trace,
  type Span,
  type SpanOptions,
  type Tracer,
} from '@opentelemetry/api';
import { BasicTracerProvider } from '@opentelemetry/sdk-trace-base';
import fc from 'fast-check';
import type { ReadableSpan } from './span.js';
import { PageTracerProvider } from './tracer-provider.js';

const done = () => Promise.resolve();

function recorders(): { tracer: Tracer; spans: ReadableSpan[] }[] {
  const ours: ReadableSpan[] = [];
  const theirs: ReadableSpan[] = [];
  let counter = 0;
  const onStart = () => undefined;
  return [
    {
      spans: ours,
      tracer: new PageTracerProvider({
        begin: (_, traceId = 'a'.repeat(32)) => ({
          traceId,
          spanId: (counter++).toString(16).padStart(16, '1'),
          sampled: true,
          attributes: {},
        }),
        onEnd: (span) => ours.push(span),
        flush: done,
      }).getTracer('app', '1'),
    },
    {
      spans: theirs,
      tracer: new BasicTracerProvider({
        spanProcessors: [{ onStart, onEnd: (span) => theirs.push(span), forceFlush: done, shutdown: done }],
      }).getTracer('app', '1'),
    },
  ];
}

const value = fc.oneof(
  fc.string(),
  fc.integer(),
  fc.boolean(),
  fc.array(fc.string(), { maxLength: 3 }),
  fc.constant(undefined),
);
const attributes = fc.dictionary(fc.string({ minLength: 1, maxLength: 8 }), value, { maxKeys: 5 });
/** After 2020, so that no one takes it for a time of `performance`. */
const time = fc.integer({ min: 1_600_000_000_000, max: 1_700_000_000_000 });
const message = fc.option(fc.string(), { nil: undefined });

type Step = (span: Span) => void;
const step: fc.Arbitrary<Step> = fc.oneof(
  attributes.map(
    (given): Step =>
      (span) =>
        span.setAttributes(given),
  ),
  fc.tuple(fc.string(), attributes, time).map(
    ([name, given, at]): Step =>
      (span) =>
        span.addEvent(name, given, at),
  ),
  fc.tuple(fc.constantFrom(SpanStatusCode.UNSET, SpanStatusCode.OK, SpanStatusCode.ERROR), message).map(
    ([code, text]): Step =>
      (span) =>
        span.setStatus({ code, ...(text !== undefined && { message: text }) }),
  ),
  fc.string().map(
    (name): Step =>
      (span) =>
        span.updateName(name),
  ),
  fc
    .tuple(fc.string({ minLength: 1 }), fc.string({ minLength: 1 }), time)
    .map(([name, text, at]): Step => (span) => {
      span.recordException({ name, message: text, stack: 'at x' }, at);
    }),
  time.map((at): Step => (span) => {
    span.end(at);
  }),
);

const shape = (span: ReadableSpan) => ({
  name: span.name,
  kind: span.kind,
  attributes: { ...span.attributes },
  status: span.status,
  startTime: span.startTime,
  endTime: span.endTime,
  duration: span.duration,
  events: span.events.map((event) => ({
    name: event.name,
    time: event.time,
    attributes: { ...event.attributes },
  })),
  links: span.links.map((link) => link.context.spanId),
  parent: span.parentSpanContext?.spanId,
  scope: span.instrumentationScope.name,
  flags: span.spanContext().traceFlags,
});

test('whatever is done to a span, it records what the SDK of OpenTelemetry records', () => {
  const parent = trace.setSpanContext(ROOT_CONTEXT, {
    traceId: 'b'.repeat(32),
    spanId: 'c'.repeat(16),
    traceFlags: 1,
  });
  fc.assert(
    fc.property(
      fc.string(),
      attributes,
      time,
      fc.boolean(),
      fc.array(step),
      (name, given, at, root, steps) => {
        const results = recorders().map(({ tracer, spans }) => {
          const options = {
            kind: SpanKind.CLIENT,
            attributes: given,
            startTime: at,
            root,
            links: [{ context: { traceId: 'd'.repeat(32), spanId: 'e'.repeat(16), traceFlags: 0 } }],
          } as SpanOptions;
          const span = tracer.startSpan(name, options, parent);
          for (const one of steps) one(span);
          span.end(1_650_000_000_000);
          return spans.map(shape);
        });
        expect(results[0]).toEqual(results[1]);
      },
    ),
  );
});

test('without times a span lasts as long as it did, on the clock of the world', async () => {
  const [ours] = recorders();
  const before = Date.now();
  const span = ours?.tracer.startSpan('wait');
  await new Promise((resolve) => setTimeout(resolve, 20));
  span?.end();
  const [ended] = ours?.spans ?? [];
  const ms = ([seconds, nanos] = [0, 0]) => seconds * 1e3 + nanos / 1e6;
  expect(ms(ended?.duration)).toBeGreaterThan(15);
  expect(ms(ended?.startTime)).toBeGreaterThan(before - 150);
  expect(ms(ended?.endTime)).toBeLessThan(Date.now() + 150);
});

test('times of performance are understood, and an end before the start is the start', () => {
  const [ours] = recorders();
  const now = performance.now();
  ours?.tracer.startSpan('a', { startTime: now - 10 }).end(now);
  ours?.tracer.startSpan('b', { startTime: now }).end(now - 10);
  const durations = ours?.spans.map(({ duration: [seconds, nanos] }) =>
    Math.round(seconds * 1e3 + nanos / 1e6),
  );
  expect(durations).toEqual([10, 0]);
});

test('a span that is called OK stays so, and one that failed does not become unset', () => {
  const [ours] = recorders();
  ours?.tracer
    .startSpan('a')
    .setStatus({ code: SpanStatusCode.OK })
    .setStatus({ code: SpanStatusCode.ERROR })
    .end();
  ours?.tracer
    .startSpan('b')
    .setStatus({ code: SpanStatusCode.ERROR })
    .setStatus({ code: SpanStatusCode.UNSET })
    .end();
  expect(ours?.spans.map(({ status }) => status.code)).toEqual([SpanStatusCode.OK, SpanStatusCode.ERROR]);
});

test('limits: attributes beyond 128 are counted, the oldest of 128 events go, a huge text is cut', () => {
  const [ours] = recorders();
  const span = ours?.tracer.startSpan('big');
  for (let at = 0; at < 200; at++) span?.setAttribute(`key${at.toString()}`, at).addEvent(at.toString());
  span?.setAttribute('key0', 'x'.repeat(100_000));
  span?.setStatus({ code: SpanStatusCode.OK }).end();
  const [ended] = ours?.spans ?? [];
  expect(Object.keys(ended?.attributes ?? {})).toHaveLength(128);
  expect([ended?.droppedAttributesCount, ended?.droppedEventsCount]).toEqual([72, 72]);
  expect(ended?.events[0]?.name).toBe('72');
  expect(String(ended?.attributes['key0'])).toHaveLength(16_384);
});

test('suppressed tracing records nothing; startActiveSpan passes the span and gives back the result', () => {
  const [ours] = recorders();
  const suppressed = ROOT_CONTEXT.setValue(
    Symbol.for('OpenTelemetry SDK Context Key SUPPRESS_TRACING'),
    true,
  );
  expect(ours?.tracer.startSpan('quiet', {}, suppressed).isRecording()).toBe(false);
  expect(ours?.tracer.startActiveSpan('active', (span) => span.isRecording())).toBe(true);
});
