import {
  AggregationTemporality,
  ExportLogsServiceRequest,
  ExportMetricsServiceRequest,
  ExportTraceServiceRequest,
} from '@unhinged/observability-proto/otlp';
import fc from 'fast-check';
import type { Signal } from '@unhinged/events/otlp';

const text = fc.string({ unit: 'binary', maxLength: 12 });
const nano = fc.bigInt({ min: 0n, max: 2n ** 64n - 1n });
const number = fc.double({ noNaN: false });
const count = fc.nat({ max: 2 ** 31 - 1 });
const id = (bytes: number) =>
  fc.uint8Array({ minLength: bytes, maxLength: bytes }).filter((b) => b.some((x) => x > 0));
const few = <T>(item: fc.Arbitrary<T>) => fc.array(item, { maxLength: 3 });

const anyValue = fc.letrec((tie) => ({
  value: fc.record({
    value: fc.oneof(
      { depthSize: 'small', withCrossShrink: true },
      fc.record({ $case: fc.constant('stringValue' as const), value: text }),
      fc.record({ $case: fc.constant('boolValue' as const), value: fc.boolean() }),
      fc.record({ $case: fc.constant('intValue' as const), value: fc.bigInt(-(2n ** 63n), 2n ** 63n - 1n) }),
      fc.record({ $case: fc.constant('doubleValue' as const), value: number }),
      fc.record({ $case: fc.constant('bytesValue' as const), value: fc.uint8Array({ maxLength: 9 }) }),
      fc.record({
        $case: fc.constant('arrayValue' as const),
        value: fc.record({ values: few(tie('value')) }),
      }),
      fc.record({
        $case: fc.constant('kvlistValue' as const),
        value: fc.record({ values: few(fc.record({ key: text, value: tie('value') })) }),
      }),
    ),
  }),
})).value;
const attributes = few(fc.record({ key: text, value: anyValue }));
const resource = fc.record({ attributes, droppedAttributesCount: count });
const scope = fc.record({ name: text, version: text, attributes });

const span = fc.record({
  traceId: id(16),
  spanId: id(8),
  traceState: text,
  parentSpanId: fc.oneof(id(8), fc.constant(new Uint8Array())),
  flags: count,
  name: text,
  kind: fc.nat({ max: 5 }),
  startTimeUnixNano: nano,
  endTimeUnixNano: nano,
  attributes,
  events: few(fc.record({ timeUnixNano: nano, name: text, attributes })),
  links: few(fc.record({ traceId: id(16), spanId: id(8), traceState: text, attributes, flags: count })),
  status: fc.record({ message: text, code: fc.nat({ max: 2 }) }),
});

const exemplars = few(
  fc.record({
    filteredAttributes: attributes,
    timeUnixNano: nano,
    value: fc.record({ $case: fc.constant('asDouble' as const), value: number }),
    spanId: id(8),
    traceId: id(16),
  }),
);
const pointBase = {
  attributes,
  startTimeUnixNano: nano,
  timeUnixNano: nano,
  exemplars,
  flags: fc.nat({ max: 1 }),
};
const numberPoint = fc.record({
  ...pointBase,
  value: fc.oneof(
    fc.record({ $case: fc.constant('asDouble' as const), value: number }),
    fc.record({ $case: fc.constant('asInt' as const), value: fc.bigInt(-(2n ** 63n), 2n ** 63n - 1n) }),
  ),
});
const buckets = fc.record({ offset: fc.integer({ min: -500, max: 500 }), bucketCounts: few(nano) });
const temporality = fc.constantFrom(AggregationTemporality.DELTA, AggregationTemporality.CUMULATIVE);
const data = fc.oneof(
  fc.record({ $case: fc.constant('gauge' as const), value: fc.record({ dataPoints: few(numberPoint) }) }),
  fc.record({
    $case: fc.constant('sum' as const),
    value: fc.record({
      dataPoints: few(numberPoint),
      aggregationTemporality: temporality,
      isMonotonic: fc.boolean(),
    }),
  }),
  fc.record({
    $case: fc.constant('histogram' as const),
    value: fc.record({
      dataPoints: few(
        fc.record({
          ...pointBase,
          count: nano,
          sum: number,
          bucketCounts: few(nano),
          explicitBounds: few(number),
        }),
      ),
      aggregationTemporality: temporality,
    }),
  }),
  fc.record({
    $case: fc.constant('exponentialHistogram' as const),
    value: fc.record({
      dataPoints: few(
        fc.record({
          ...pointBase,
          count: nano,
          scale: fc.integer({ min: -10, max: 20 }),
          positive: buckets,
          negative: buckets,
        }),
      ),
      aggregationTemporality: temporality,
    }),
  }),
  fc.record({
    $case: fc.constant('summary' as const),
    value: fc.record({
      dataPoints: few(
        fc.record({
          ...pointBase,
          count: nano,
          sum: number,
          quantileValues: few(fc.record({ quantile: number, value: number })),
        }),
      ),
    }),
  }),
);
const metric = fc.record({
  name: text.filter((name) => name !== ''),
  description: text,
  unit: text,
  data,
  metadata: attributes,
});

const logRecord = fc.record({
  timeUnixNano: nano,
  observedTimeUnixNano: nano,
  severityNumber: fc.nat({ max: 24 }),
  severityText: text,
  body: fc.option(anyValue, { nil: undefined }),
  attributes,
  flags: count,
  traceId: fc.oneof(id(16), fc.constant(new Uint8Array())),
  spanId: fc.oneof(id(8), fc.constant(new Uint8Array())),
  eventName: text,
});

/** An export request, the bytes that ts-proto makes of it, and how many items it has. */
export interface Sample {
  signal: Signal;
  bytes: Uint8Array;
  items: number;
  /** As ts-proto decodes the bytes. */
  json: unknown;
}

/* eslint-disable @typescript-eslint/no-unsafe-argument, @typescript-eslint/no-explicit-any --
   fast-check's letrec has no types for the recursive values; ts-proto's fromPartial checks nothing at run time anyway. */
const traces = few(fc.record({ resource, scopeSpans: few(fc.record({ scope, spans: few(span) })) })).map(
  (resourceSpans) => {
    const request = ExportTraceServiceRequest.fromPartial({ resourceSpans } as any);
    const items = resourceSpans.flatMap((r) => r.scopeSpans.flatMap((s) => s.spans)).length;
    const bytes = ExportTraceServiceRequest.encode(request).finish();
    return { signal: 'traces' as const, bytes, items, json: ExportTraceServiceRequest.toJSON(request) };
  },
);
const metrics = few(
  fc.record({ resource, scopeMetrics: few(fc.record({ scope, metrics: few(metric) })) }),
).map((resourceMetrics) => {
  const request = ExportMetricsServiceRequest.fromPartial({ resourceMetrics } as any);
  const items = resourceMetrics.flatMap((r) => r.scopeMetrics.flatMap((s) => s.metrics)).length;
  const bytes = ExportMetricsServiceRequest.encode(request).finish();
  return { signal: 'metrics' as const, bytes, items, json: ExportMetricsServiceRequest.toJSON(request) };
});
const logs = few(
  fc.record({ resource, scopeLogs: few(fc.record({ scope, logRecords: few(logRecord) })) }),
).map((resourceLogs) => {
  const request = ExportLogsServiceRequest.fromPartial({ resourceLogs } as any);
  const items = resourceLogs.flatMap((r) => r.scopeLogs.flatMap((s) => s.logRecords)).length;
  const bytes = ExportLogsServiceRequest.encode(request).finish();
  return { signal: 'logs' as const, bytes, items, json: ExportLogsServiceRequest.toJSON(request) };
});
/* eslint-enable */

/** Export requests of the three signals, with every field and value type. */
export const exportRequests: fc.Arbitrary<Sample> = fc.oneof(traces, metrics, logs);
