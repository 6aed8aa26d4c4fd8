import { MetricEvent } from '@unhinged/observability-proto';
import { AggregationTemporality, type NumberDataPoint } from '@unhinged/observability-proto/otlp';
import { Counters } from '../counters.js';
import { PrometheusSink } from './prometheus-sink.js';

const { DELTA, CUMULATIVE } = AggregationTemporality;
let now: number;
let counters: Counters;
let sink: PrometheusSink;
const start = (maxSeries = 100) => {
  now = 1_000_000;
  counters = new Counters();
  sink = new PrometheusSink(counters, { maxSeries, staleAfterMs: 300_000, now: () => now });
};
beforeEach(() => {
  start();
});

const resource = {
  serviceName: 'chat',
  serviceVersion: '1.0',
  attributes: { 'service.namespace': 'shop', 'service.instance.id': 'i-1', 'host.name': 'h' },
};
/** Unlike MetricEvent.fromPartial, takes oneofs without their repeated defaults. */
const send = (metric: object, of: object = resource) => {
  const event = MetricEvent.fromPartial({ resource: of, metric, scope: { name: 'lib', version: '2' } });
  sink.accept([{ topic: '', key: '', eventType: 'metric', value: MetricEvent.encode(event).finish() }]);
};
const point = (time: bigint, value: number, more: Partial<NumberDataPoint> = {}) => ({
  timeUnixNano: time,
  value: { $case: 'asDouble', value },
  ...more,
});
const sum = (
  points: object[],
  aggregationTemporality: AggregationTemporality = CUMULATIVE,
  isMonotonic = true,
) => ({
  name: 'http.requests',
  unit: '{request}',
  description: 'Requests',
  data: { $case: 'sum', value: { dataPoints: points, aggregationTemporality, isMonotonic } },
});
const LABELS = 'instance="i-1",job="shop/chat",otel_scope_name="lib",otel_scope_version="2"';
const dropped = (reason: string) => counters.get('prometheus_dropped_points_total', { reason });

test('a cumulative counter is exposed as it is, with its target', () => {
  const attributes = [
    { key: 'http.route', value: { value: { $case: 'stringValue' as const, value: '/a"b' } } },
  ];
  send(sum([point(1n, 5, { attributes })]));
  expect(sink.expose(false)).toBe(
    '# HELP target_info Resource of a target\n# TYPE target_info gauge\n' +
      'target_info{host_name="h",instance="i-1",job="shop/chat",service_version="1.0"} 1\n' +
      '# HELP http_requests_total Requests\n# TYPE http_requests_total counter\n' +
      `http_requests_total{http_route="/a\\"b",${LABELS}} 5\n`,
  );
});

test('delta sums are added up, and a repeated export is not added twice', () => {
  send(sum([point(1n, 5)], DELTA));
  send(sum([point(2n, 2)], DELTA));
  send(sum([point(2n, 2)], DELTA));
  expect(sink.expose(false)).toContain(`http_requests_total{${LABELS}} 7\n`);
  expect(dropped('not_newer')).toBe(1);
});

test('a sum that can fall is a gauge', () => {
  send(sum([point(1n, 5)], CUMULATIVE, false));
  expect(sink.expose(false)).toContain(`# TYPE http_requests gauge\nhttp_requests{${LABELS}} 5\n`);
});

const histogram = (time: bigint, bucketCounts: bigint[], aggregationTemporality: AggregationTemporality) => ({
  name: 'latency',
  unit: 's',
  data: {
    $case: 'histogram',
    value: {
      aggregationTemporality,
      dataPoints: [
        {
          timeUnixNano: time,
          count: bucketCounts.reduce((a, b) => a + b, 0n),
          sum: 1.5,
          bucketCounts,
          explicitBounds: [0.5, 1],
          exemplars: [
            {
              timeUnixNano: 1_500_000_000n,
              value: { $case: 'asDouble', value: 0.7 },
              traceId: Buffer.alloc(16, 1),
              spanId: Buffer.alloc(8, 2),
            },
          ],
        },
      ],
    },
  },
});

test('histograms have cumulated buckets; deltas are added up', () => {
  send(histogram(1n, [1n, 2n, 3n], DELTA));
  send(histogram(2n, [1n, 0n, 0n], DELTA));
  expect(sink.expose(false)).toContain(
    '# TYPE latency_seconds histogram\n' +
      `latency_seconds_bucket{${LABELS},le="0.5"} 2\n` +
      `latency_seconds_bucket{${LABELS},le="1.0"} 4\n` +
      `latency_seconds_bucket{${LABELS},le="+Inf"} 7\n` +
      `latency_seconds_sum{${LABELS}} 3\nlatency_seconds_count{${LABELS}} 7\n`,
  );
});

test('OpenMetrics has exemplars, and counters whose family has no suffix', () => {
  send(histogram(1n, [1n, 2n, 3n], CUMULATIVE));
  send(sum([point(1n, 5)]));
  const text = sink.expose(true);
  expect(text).toContain(
    `le="1.0"} 3 # {trace_id="${'01'.repeat(16)}",span_id="${'02'.repeat(8)}"} 0.7 1.5\n`,
  );
  expect(text).toContain('# TYPE http_requests counter\nhttp_requests_total{');
  expect(sink.expose(false)).not.toContain('trace_id');
});

test('exponential histograms keep count and sum, summaries their quantiles', () => {
  const points = [
    { timeUnixNano: 1n, count: 4n, sum: 9, scale: 3, positive: { offset: 1, bucketCounts: [4n] } },
  ];
  send({
    name: 'size',
    unit: 'By',
    data: {
      $case: 'exponentialHistogram',
      value: { dataPoints: points, aggregationTemporality: CUMULATIVE },
    },
  });
  const quantileValues = [{ quantile: 0.5, value: 2 }];
  send({
    name: 'wait',
    data: {
      $case: 'summary',
      value: { dataPoints: [{ timeUnixNano: 1n, count: 3n, sum: 6, quantileValues }] },
    },
  });
  const text = sink.expose(false);
  expect(text).toContain(
    `size_bytes_bucket{${LABELS},le="+Inf"} 4\nsize_bytes_sum{${LABELS}} 9\nsize_bytes_count{${LABELS}} 4\n`,
  );
  expect(text).toContain(
    `wait{${LABELS},quantile="0.5"} 2\nwait_sum{${LABELS}} 6\nwait_count{${LABELS}} 3\n`,
  );
});

test('series are bounded, what is dropped is counted, and stale series make room', () => {
  start(3);
  const labelled = (value: string) => [
    { key: 'k', value: { value: { $case: 'stringValue' as const, value } } },
  ];
  send(sum(['a', 'b', 'c', 'd'].map((name) => point(1n, 1, { attributes: labelled(name) }))));
  expect(sink.expose(false).match(/^http_requests_total/gm)).toHaveLength(2);
  expect(dropped('series_limit')).toBe(2);
  expect(counters.snapshot()['unhinged_prometheus_series']).toBe(3);
  now += 300_001;
  send(sum([point(2n, 1, { attributes: labelled('d') })]));
  expect(sink.expose(false)).toContain('http_requests_total{instance="i-1",job="shop/chat",k="d"');
  expect(counters.snapshot()['unhinged_prometheus_series']).toBe(2);
});

test('a series ends when its point says so; a name means one type', () => {
  send(sum([point(1n, 5)]));
  send({
    ...sum([point(2n, 5)]),
    name: 'http.requests.total',
    data: { $case: 'gauge', value: { dataPoints: [point(2n, 1)] } },
  });
  expect(dropped('type_conflict')).toBe(1);
  send(sum([point(3n, 0, { flags: 1 })]));
  expect(sink.expose(false)).not.toContain('http_requests');
});
