import { SpanStatusCode, createTraceState, type Attributes, type HrTime } from '@opentelemetry/api';
import { LogLine, SafeFields } from '@unhinged/observability-core';
import { LogRecord, Metric, Span, type AnyValue, type KeyValue } from '@unhinged/observability-proto/otlp';
import fc from 'fast-check';
import type { MetricData } from '../metrics/metric-data.js';
import type { ReadableSpan } from '../recorder/span.js';
import { writeLine } from './encode-line.js';
import { writeMetric } from './encode-metric.js';
import { writeSpan } from './encode-span.js';
import { ProtoWriter } from './proto-writer.js';

function encoded(write: (writer: ProtoWriter) => void): Uint8Array {
  const writer = new ProtoWriter();
  write(writer);
  return writer.bytes();
}
const bytesOf = (hex: string) => new Uint8Array(Buffer.from(hex, 'hex'));
const nanos = ([seconds, rest]: HrTime) => BigInt(seconds) * 1_000_000_000n + BigInt(rest);
/** What UTF-8 can hold of a text: half a surrogate pair becomes U+FFFD. */
const wellFormed = (text: string) => Buffer.from(text).toString();

const hexOf = (bytes: number) =>
  fc.uint8Array({ minLength: bytes, maxLength: bytes }).map((id) => Buffer.from(id).toString('hex'));
// Lone surrogates and NUL among them, and lengths that need one, two and three bytes.
const text = fc.oneof(
  fc
    .array(fc.integer({ min: 0, max: 0xffff }), { maxLength: 60 })
    .map((units) => String.fromCharCode(...units)),
  fc.integer({ min: 100, max: 20_000 }).map((length) => 'x'.repeat(length)),
  fc.string(),
);
const number = fc.oneof(
  fc.double(),
  fc.maxSafeInteger(),
  fc.integer(),
  fc.constantFrom(NaN, Infinity, 0, 2 ** 53, -(2 ** 53), 2 ** 32, -(2 ** 32), 2 ** 31, -1, 127, 128, 0.1),
);
const plain = fc.oneof(text, number, fc.boolean());
const attributes = fc.dictionary(text, fc.oneof(plain, fc.array(plain, { maxLength: 4 })), { maxKeys: 5 });
const nested = fc.dictionary(
  text,
  fc.letrec((tie) => ({
    value: fc.oneof(
      { maxDepth: 3 },
      plain,
      fc.constant(null),
      fc.array(tie('value'), { maxLength: 3 }),
      fc.dictionary(text, tie('value'), { maxKeys: 3 }),
    ),
  })).value,
  { maxKeys: 5 },
);
const time = fc.tuple(
  fc.integer({ min: 0, max: 4_000_000_000 }),
  fc.integer({ min: 0, max: 999_999_999 }),
) as fc.Arbitrary<HrTime>;
const count = fc.constantFrom(0, 1, 300);
const context = fc.record({
  traceId: hexOf(16),
  spanId: hexOf(8),
  traceFlags: fc.constantFrom(0, 1),
  isRemote: fc.constantFrom(undefined, true, false),
  traceState: fc.constantFrom(undefined, createTraceState('ot=th:8,a=1')),
});

/** Attributes as OTLP has them: whole numbers are ints, other numbers doubles. */
const truthOf = (given: object): KeyValue[] =>
  Object.entries(given).map(([key, value]) => ({ key: wellFormed(key), value: truth(value) }));
function truth(value: unknown): AnyValue {
  if (value === null) return { value: undefined };
  if (typeof value === 'string') return { value: { $case: 'stringValue', value: wellFormed(value) } };
  if (typeof value === 'boolean') return { value: { $case: 'boolValue', value } };
  if (typeof value === 'number')
    return {
      value: Number.isSafeInteger(value)
        ? { $case: 'intValue', value: BigInt(value) }
        : { $case: 'doubleValue', value },
    };
  if (Array.isArray(value)) return { value: { $case: 'arrayValue', value: { values: value.map(truth) } } };
  return { value: { $case: 'kvlistValue', value: { values: truthOf(value as object) } } };
}

test('a span, with its events and links, decodes to what it was', () => {
  const event = fc.record({ name: text, time, attributes, droppedAttributesCount: count });
  const link = fc.record({ context, attributes, droppedAttributesCount: count });
  const span = fc.record({
    name: text,
    kind: fc.constantFrom(0, 1, 2, 3, 4),
    context,
    parent: fc.option(context, { nil: undefined }),
    startTime: time,
    endTime: time,
    status: fc.record({ code: fc.constantFrom(0, 1, 2), message: fc.option(text, { nil: undefined }) }),
    attributes,
    events: fc.array(event, { maxLength: 3 }),
    links: fc.array(link, { maxLength: 3 }),
    droppedAttributesCount: count,
    droppedEventsCount: count,
    droppedLinksCount: count,
  });
  fc.assert(
    fc.property(span, fc.constantFrom('ot=th:8', 'a=1'), ({ context: own, parent, ...rest }, traceState) => {
      const recorded = { ...rest, spanContext: () => own, parentSpanContext: parent };
      const flags = (of: typeof own, remote: typeof own | undefined) =>
        of.traceFlags | 0x100 | (remote?.isRemote === true ? 0x200 : 0);
      const bytes = encoded((writer) => {
        writeSpan(writer, recorded as unknown as ReadableSpan, traceState);
      });
      expect(Span.decode(bytes)).toEqual({
        traceId: bytesOf(own.traceId),
        spanId: bytesOf(own.spanId),
        traceState,
        parentSpanId: bytesOf(parent?.spanId ?? ''),
        // What is sent is sampled.
        flags: flags({ ...own, traceFlags: 1 }, parent),
        name: wellFormed(rest.name),
        kind: rest.kind + 1,
        startTimeUnixNano: nanos(rest.startTime),
        endTimeUnixNano: nanos(rest.endTime),
        attributes: truthOf(rest.attributes),
        droppedAttributesCount: rest.droppedAttributesCount,
        events: rest.events.map((one) => ({
          timeUnixNano: nanos(one.time),
          name: wellFormed(one.name),
          attributes: truthOf(one.attributes),
          droppedAttributesCount: one.droppedAttributesCount,
        })),
        droppedEventsCount: rest.droppedEventsCount,
        links: rest.links.map((one) => ({
          traceId: bytesOf(one.context.traceId),
          spanId: bytesOf(one.context.spanId),
          traceState: one.context.traceState?.serialize() ?? '',
          attributes: truthOf(one.attributes),
          droppedAttributesCount: one.droppedAttributesCount,
          flags: flags(one.context, one.context),
        })),
        droppedLinksCount: rest.droppedLinksCount,
        status:
          rest.status.code === (SpanStatusCode.UNSET as number)
            ? undefined
            : { code: rest.status.code, message: wellFormed(rest.status.message ?? '') },
      });
    }),
  );
});

test('a line, with nested metadata, decodes to what it was', () => {
  const line = fc.record({
    epochMs: fc.integer({ min: 0, max: 4_000_000_000_000 }),
    message: text,
    metadata: nested,
    traceId: fc.option(hexOf(16), { nil: undefined }),
    spanId: fc.option(hexOf(8), { nil: undefined }),
  });
  fc.assert(
    fc.property(line, ({ traceId, spanId, ...rest }) => {
      const whole = {
        ...rest,
        level: 'warn',
        service: 'shop',
        component: '',
        ids: { traceId, spanId },
        destinations: 7,
        lakeRate: 0.5,
      } as unknown as LogLine;
      const bytes = encoded((writer) => {
        writeLine(writer, whole);
      });
      const record = LogRecord.decode(bytes);
      expect(record).toMatchObject({
        timeUnixNano: BigInt(rest.epochMs) * 1_000_000n,
        observedTimeUnixNano: BigInt(rest.epochMs) * 1_000_000n,
        severityNumber: 13,
        severityText: 'WARN',
        body: { value: { $case: 'stringValue', value: wellFormed(rest.message) } },
        traceId: bytesOf(traceId ?? ''),
        spanId: bytesOf(spanId ?? ''),
      });
      expect(record.attributes).toEqual(
        truthOf({ ...rest.metadata, 'unhinged.destinations': 'CDL', 'unhinged.lake.rate': 0.5 }),
      );
    }),
  );
});

test('the name of an event is the field of the record that OTLP has for it', () => {
  const bytes = encoded((writer) => {
    const fields = SafeFields.of({ 'event.name': 'browser.navigation' });
    writeLine(writer, new LogLine(1, 'info', 's', 'browser', 'browser.navigation', 3, fields));
  });
  expect(LogRecord.decode(bytes).eventName).toBe('browser.navigation');
});

test('metrics of every kind decode to what they were', () => {
  const shared = {
    unit: 's',
    description: 'é',
    scope: 'x',
    startMs: 1_700_000_000_000.25,
    timeMs: 1_700_000_001_000,
  };
  const times = { startTimeUnixNano: 1_700_000_000_000_250_000n, timeUnixNano: 1_700_000_001_000_000_000n };
  const given: Attributes = { a: 1, b: 'two' };
  const decoded = (metric: MetricData) =>
    Metric.decode(
      encoded((writer) => {
        writeMetric(writer, metric);
      }),
    );
  const point = { ...times, attributes: truthOf(given), exemplars: [], flags: 0 };
  const base = { ...shared, monotonic: true, points: [{ attributes: given, value: -2.5 }] };
  expect(decoded({ ...base, name: 'heap', kind: 'gauge', temporality: 'delta' })).toMatchObject({
    name: 'heap',
    unit: 's',
    description: 'é',
    data: {
      $case: 'gauge',
      value: { dataPoints: [{ ...point, value: { $case: 'asDouble', value: -2.5 } }] },
    },
  });
  for (const [temporality, number] of [
    ['delta', 1],
    ['cumulative', 2],
  ] as const) {
    expect(decoded({ ...base, name: 'clicks', kind: 'sum', temporality }).data).toMatchObject({
      $case: 'sum',
      value: { aggregationTemporality: number, isMonotonic: true },
    });
  }
  const histogram = { count: 2 ** 33, min: 0.5, max: 9, bounds: [1, 5], buckets: [0, 2 ** 33, 1] };
  expect(
    decoded({
      ...base,
      name: 'wait',
      kind: 'histogram',
      temporality: 'delta',
      points: [{ attributes: given, value: 12.5, histogram }],
    }).data,
  ).toEqual({
    $case: 'histogram',
    value: {
      aggregationTemporality: 1,
      dataPoints: [
        {
          ...point,
          count: 2n ** 33n,
          sum: 12.5,
          min: 0.5,
          max: 9,
          bucketCounts: [0n, 2n ** 33n, 1n],
          explicitBounds: [1, 5],
        },
      ],
    },
  });
});
