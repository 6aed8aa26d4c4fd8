import { describe, expect, test } from '@jest/globals';
import { createTraceState, ValueType, type HrTime } from '@opentelemetry/api';
import {
  ProtobufLogsSerializer,
  ProtobufMetricsSerializer,
  ProtobufTraceSerializer,
} from '@opentelemetry/otlp-transformer';
import { resourceFromAttributes } from '@opentelemetry/resources';
import type { ReadableLogRecord } from '@opentelemetry/sdk-logs';
import { AggregationTemporality, DataPointType, type ResourceMetrics } from '@opentelemetry/sdk-metrics';
import type { ReadableSpan } from '@opentelemetry/sdk-trace-base';
import {
  ExportLogsServiceRequest,
  ExportMetricsServiceRequest,
  ExportTraceServiceRequest,
} from '@unhinged/observability-proto/otlp';
import fc from 'fast-check';
import { writeLogRecord } from './logs.js';
import { writeMetric } from './metrics.js';
import { RequestBuilder } from './request-builder.js';
import { writeSpan } from './spans.js';

const hexOf = (bytes: number) =>
  fc.uint8Array({ minLength: bytes, maxLength: bytes }).map((id) => Buffer.from(id).toString('hex'));
// Arbitrary UTF-16 units: lone surrogates, NUL and long texts among them.
const anyText = fc.oneof(
  fc.string({ unit: 'binary', maxLength: 60 }),
  fc
    .array(fc.integer({ min: 0, max: 0xffff }), { maxLength: 200 })
    .map((units) => String.fromCharCode(...units)),
  fc.integer({ min: 40, max: 20_000 }).map((length) => 'x'.repeat(length)),
);
const number = fc.oneof(
  fc.double(),
  fc.integer(),
  fc.maxSafeInteger(),
  fc.constantFrom(NaN, Infinity, -0, 2 ** 62, -(2 ** 63), 2 ** 63, 2 ** 53 + 2, -(2 ** 32), 2 ** 32, 0.1),
);
const primitive = fc.oneof(anyText, number, fc.boolean());
const value: fc.Arbitrary<unknown> = fc.oneof(
  primitive,
  fc.array(fc.oneof(primitive, fc.constantFrom(null, undefined)), { maxLength: 5 }),
);
const anyValue = fc.letrec<{ value: unknown }>((tie) => ({
  value: fc.oneof(
    { maxDepth: 3 },
    value,
    fc.uint8Array({ maxLength: 300 }),
    fc.constantFrom(null, undefined, 10n),
    fc.array(tie('value'), { maxLength: 3 }),
    fc.dictionary(anyText, tie('value'), { maxKeys: 3 }),
  ),
})).value;
const attributes = fc.dictionary(anyText, value, { maxKeys: 6 }) as fc.Arbitrary<Record<string, string>>;
const time: fc.Arbitrary<HrTime> = fc.oneof(
  fc.tuple(fc.integer({ min: 0, max: 18_446_744_072 }), fc.integer({ min: 0, max: 999_999_999 })),
  fc.tuple(fc.integer({ min: 1_700_000_000, max: 1_700_000_002 }), fc.integer({ min: 0, max: 999_999_999 })),
  fc.constant<HrTime>([NaN, NaN]),
);
const count = fc.constantFrom(0, 0, 1, 5, 200, 2 ** 31, 2 ** 32 - 1);
const traceState = fc.constantFrom(undefined, createTraceState(''), createTraceState('a=1,ot=th:8;rv:1'));
const context = fc.record({
  traceId: hexOf(16),
  spanId: hexOf(8),
  traceFlags: fc.constantFrom(0, 1, 3, 255),
  isRemote: fc.constantFrom(undefined, true, false),
  traceState,
});
const resources = fc
  .tuple(attributes, fc.constantFrom(undefined, 'https://example.com/schema'))
  .map(([given, schemaUrl]) => resourceFromAttributes(given, schemaUrl === undefined ? {} : { schemaUrl }));
const scopes = fc.record({
  name: anyText,
  version: fc.option(anyText, { nil: undefined }),
  schemaUrl: fc.option(anyText, { nil: undefined }),
});

/** Records spread over a few resources and scopes, as identity decides the grouping. */
function grouped<T>(record: fc.Arbitrary<T>) {
  return fc
    .tuple(
      fc.array(resources, { minLength: 1, maxLength: 2 }),
      fc.array(scopes, { minLength: 1, maxLength: 3 }),
      fc.array(fc.tuple(record, fc.nat(), fc.nat()), { maxLength: 12 }),
    )
    .map(([someResources, someScopes, records]) =>
      records.map(([each, r, s]) => ({
        ...each,
        resource: someResources[r % someResources.length],
        instrumentationScope: someScopes[s % someScopes.length],
      })),
    );
}

const spans = grouped(
  fc.record({
    name: anyText,
    kind: fc.integer({ min: 0, max: 4 }),
    spanContext: context.map((each) => () => each),
    parentSpanContext: fc.option(context, { nil: undefined }),
    startTime: time,
    endTime: time,
    status: fc.record({
      code: fc.integer({ min: 0, max: 2 }),
      message: fc.option(anyText, { nil: undefined }),
    }),
    attributes,
    links: fc.array(
      fc.record({
        context,
        attributes: fc.option(attributes, { nil: undefined }),
        droppedAttributesCount: fc.option(count, { nil: undefined }),
      }),
      { maxLength: 3 },
    ),
    events: fc.array(
      fc.record({
        time,
        name: anyText,
        attributes: fc.option(attributes, { nil: undefined }),
        droppedAttributesCount: fc.option(count, { nil: undefined }),
      }),
      { maxLength: 3 },
    ),
    droppedAttributesCount: count,
    droppedEventsCount: count,
    droppedLinksCount: count,
  }),
) as unknown as fc.Arbitrary<ReadableSpan[]>;

const logs = grouped(
  fc.record({
    hrTime: time,
    hrTimeObserved: time,
    spanContext: fc.option(context, { nil: undefined }),
    severityText: fc.option(anyText, { nil: undefined }),
    severityNumber: fc.option(fc.integer({ min: 0, max: 24 }), { nil: undefined }),
    body: anyValue,
    eventName: fc.option(anyText, { nil: undefined }),
    attributes: fc.dictionary(anyText, anyValue, { maxKeys: 5 }),
    droppedAttributesCount: count,
  }),
) as unknown as fc.Arbitrary<ReadableLogRecord[]>;

const optional = fc.option(fc.double(), { nil: undefined });
const bigCount = fc.oneof(fc.nat(), fc.maxSafeInteger().map(Math.abs));
const buckets = fc.record({
  offset: fc.integer(),
  bucketCounts: fc.array(bigCount, { maxLength: 200 }),
});
const points = (of: fc.Arbitrary<unknown>) =>
  fc.array(fc.record({ startTime: time, endTime: time, attributes, value: of }), { maxLength: 4 });
const metric = fc.oneof(
  fc.record({
    dataPointType: fc.constantFrom(DataPointType.SUM, DataPointType.GAUGE),
    isMonotonic: fc.boolean(),
    dataPoints: points(fc.oneof(fc.integer(), fc.maxSafeInteger())),
  }),
  fc.record({
    dataPointType: fc.constant(DataPointType.HISTOGRAM),
    dataPoints: points(
      fc.record({
        count: bigCount,
        sum: optional,
        min: optional,
        max: optional,
        buckets: fc.record({
          counts: fc.array(bigCount, { maxLength: 40 }),
          boundaries: fc.array(fc.double(), { maxLength: 40 }),
        }),
      }),
    ),
  }),
  fc.record({
    dataPointType: fc.constant(DataPointType.EXPONENTIAL_HISTOGRAM),
    dataPoints: points(
      fc.record({
        count: bigCount,
        sum: optional,
        min: optional,
        max: optional,
        scale: fc.integer({ min: -10, max: 20 }),
        zeroCount: bigCount,
        positive: buckets,
        negative: buckets,
      }),
    ),
  }),
);
const descriptor = fc.record({
  name: anyText,
  description: anyText,
  unit: anyText,
  valueType: fc.constantFrom(ValueType.INT, ValueType.DOUBLE),
});
const metrics = fc.record({
  resource: resources,
  scopeMetrics: fc.array(
    fc.record({
      scope: scopes,
      metrics: fc.array(
        fc
          .tuple(
            metric,
            descriptor,
            fc.constantFrom(AggregationTemporality.DELTA, AggregationTemporality.CUMULATIVE),
          )
          .map(([data, described, aggregationTemporality]) => ({
            ...data,
            descriptor: described,
            aggregationTemporality,
          })),
        { minLength: 1, maxLength: 3 },
      ),
    }),
    { minLength: 1, maxLength: 2 },
  ),
}) as unknown as fc.Arbitrary<ResourceMetrics>;

describe('our bytes say what those of the stock serializers say', () => {
  test('spans', () => {
    const builder = new RequestBuilder();
    fc.assert(
      fc.property(spans, (given) => {
        for (const span of given) {
          builder.add(span.resource, span.instrumentationScope, (writer) => {
            writeSpan(writer, span, undefined);
          });
        }
        const stock = ProtobufTraceSerializer.serializeRequest(given) ?? new Uint8Array();
        expect(ExportTraceServiceRequest.decode(builder.take())).toEqual(
          ExportTraceServiceRequest.decode(stock),
        );
      }),
      { numRuns: 100 },
    );
  });

  test('log records', () => {
    const builder = new RequestBuilder();
    fc.assert(
      fc.property(logs, (given) => {
        for (const record of given) {
          builder.add(record.resource, record.instrumentationScope, (writer) => {
            writeLogRecord(writer, record);
          });
        }
        const stock = ProtobufLogsSerializer.serializeRequest(given) ?? new Uint8Array();
        expect(ExportLogsServiceRequest.decode(builder.take())).toEqual(
          ExportLogsServiceRequest.decode(stock),
        );
      }),
      { numRuns: 100 },
    );
  });

  test('metrics', () => {
    const builder = new RequestBuilder();
    fc.assert(
      fc.property(metrics, (given) => {
        for (const { scope, metrics: list } of given.scopeMetrics) {
          for (const each of list) {
            builder.add(given.resource, scope, (writer) => {
              writeMetric(writer, each);
            });
          }
        }
        const stock = ProtobufMetricsSerializer.serializeRequest(given) ?? new Uint8Array();
        expect(ExportMetricsServiceRequest.decode(builder.take())).toEqual(
          ExportMetricsServiceRequest.decode(stock),
        );
      }),
      { numRuns: 100 },
    );
  });
});

test('a record that cannot be read is left out whole, the others of its request are not', () => {
  const resource = resourceFromAttributes({ 'service.name': 'a' });
  const scope = { name: 'scope' };
  const builder = new RequestBuilder();
  const record = (attributes: object) =>
    ({ hrTime: [1, 2], hrTimeObserved: [1, 2], attributes, droppedAttributesCount: 0 }) as never;
  const add = (given: never) => {
    builder.add(resource, scope, (writer) => {
      writeLogRecord(writer, given);
    });
  };
  const hostile = {
    first: 'x'.repeat(10_000),
    get value() {
      throw new Error('no');
    },
  };
  expect(() => {
    add(record(hostile));
  }).toThrow('no');
  add(record({ good: 1 }));
  expect(() => {
    add(record(hostile));
  }).toThrow('no');
  const circular: Record<string, unknown> = {};
  circular['self'] = circular;
  add(record(circular));
  const [first, ...rest] = ExportLogsServiceRequest.decode(builder.take()).resourceLogs;
  expect(rest).toEqual([]);
  expect(first?.scopeLogs[0]?.logRecords.map((each) => each.attributes[0]?.key)).toEqual(['good', 'self']);
});
