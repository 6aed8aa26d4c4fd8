import { describe, expect, test } from '@jest/globals';
import { resourceFromAttributes } from '@opentelemetry/resources';
import { MeterProvider } from '@opentelemetry/sdk-metrics';
import { parsePrometheus } from '../testing/parse-prometheus.js';
import { useHarness } from '../testing/harness.js';
import { hex } from '../testing/otlp-receiver.js';
import { eventually } from '../testing/run-app.js';
import { PrometheusReader } from './prometheus-reader.js';

const harness = useHarness();

async function page(record: (provider: MeterProvider) => void) {
  const reader = new PrometheusReader();
  const provider = new MeterProvider({
    resource: resourceFromAttributes({ 'service.name': 'shop "a"\n' }),
    readers: [reader],
  });
  record(provider);
  const text = parsePrometheus(await reader.text('text'), 'text');
  const openmetrics = parsePrometheus(await reader.text('openmetrics'), 'openmetrics');
  await provider.shutdown();
  return { text, openmetrics };
}

describe('a page', () => {
  test('has units in names, counters with _total, and labels that break nothing', async () => {
    const { text, openmetrics } = await page((provider) => {
      const meter = provider.getMeter('lib', '1.0');
      meter
        .createHistogram('http.server.request.duration', { unit: 's' })
        .record(0.3, { 'http.route': '/a"b\\\n', le: 'x', '9': 1, 'a.b': 'one', a_b: 'two' });
      meter.createCounter('requests', { unit: '{request}', description: 'Re"que\nsts' }).add(2);
      meter.createUpDownCounter('queue.size', { unit: 'By' }).add(-3);
      meter.createGauge('load', { unit: '1' }).record(0.5);
    });
    expect([...text.keys()]).toEqual([
      'target_info',
      'http_server_request_duration_seconds',
      'requests_total',
      'queue_size_bytes',
      'load_ratio',
    ]);
    expect([...openmetrics.keys()]).toContain('requests');
    expect(text.get('requests_total')?.samples[0]).toMatchObject({
      value: 2,
      labels: { otel_scope_name: 'lib', otel_scope_version: '1.0' },
    });
    expect(text.get('http_server_request_duration_seconds')?.samples[0]?.labels).toMatchObject({
      http_route: '/a\\"b\\\\\\n',
      exported_le: 'x',
      key_9: '1',
      a_b: 'one;two',
      le: '0.0',
    });
  });

  test('is valid when two libraries use one name, alike or not', async () => {
    const { text } = await page((provider) => {
      provider.getMeter('a').createCounter('jobs').add(1);
      provider.getMeter('b').createCounter('jobs').add(2);
      provider.getMeter('c').createGauge('jobs.total').record(3);
      provider.getMeter('c').createHistogram('jobs.total').record(3);
    });
    expect(text.get('jobs_total')?.samples.map(({ value }) => value)).toEqual([1, 2]);
  });
});

test.each(['context/express.js', 'context/fastify.js'])(
  '%s: a page with the runtime in it, as the scraper likes it',
  async (fixture) => {
    const app = await harness.start(fixture);
    await fetch(`${app.url}/nested/deep/1`);
    const get = async (accept: string) => {
      const answer = await fetch(`${app.url}/metrics`, { headers: { accept } });
      return { type: answer.headers.get('content-type'), body: await answer.text() };
    };
    const text = await get('*/*');
    expect(text.type).toBe('text/plain; version=0.0.4; charset=utf-8');
    const families = parsePrometheus(text.body, 'text');
    expect([...families.keys()]).toEqual(
      expect.arrayContaining([
        'http_server_request_duration_seconds',
        'nodejs_eventloop_utilization_ratio',
        'nodejs_eventloop_delay_p99_seconds',
        'v8js_memory_heap_used_bytes',
        'unhinged_sdk_records_total',
      ]),
    );
    // What Prometheus 3 sends.
    const both = await get(
      'application/openmetrics-text;version=1.0.0;q=0.5,text/plain;version=0.0.4;q=0.4,*/*;q=0.1',
    );
    expect(both.type).toBe('application/openmetrics-text; version=1.0.0; charset=utf-8');
    parsePrometheus(both.body, 'openmetrics');
    expect((await get('text/plain, application/openmetrics-text;q=0')).type).toContain('text/plain');
  },
);

test('the histograms of requests have exemplars, spans that were kept, in OpenMetrics and over OTLP', async () => {
  const app = await harness.start('context/express.js', { OTEL_METRIC_EXPORT_INTERVAL: '200' });
  const name = 'http_server_request_duration_seconds';
  const found = await eventually('an exemplar on /metrics', async () => {
    await fetch(`${app.url}/nested/deep/1`);
    const answer = await fetch(`${app.url}/metrics`, { headers: { accept: 'application/openmetrics-text' } });
    const family = parsePrometheus(await answer.text(), 'openmetrics').get(name);
    return family?.samples.find(({ exemplar }) => exemplar !== undefined);
  });
  const { exemplar, labels } = found;
  expect(exemplar?.value).toBeLessThanOrEqual(labels['le'] === '+Inf' ? Infinity : Number(labels['le']));
  const span = await eventually('its span', () =>
    harness.receiver.spans.find(
      (each) => hex(each.traceId) === exemplar?.traceId && hex(each.spanId) === exemplar.spanId,
    ),
  );
  expect(span.name).toBe('GET /nested/deep/:id');
  const plain = await (await fetch(`${app.url}/metrics`)).text();
  expect(plain).not.toContain('trace_id');

  const sent = await eventually('an exemplar over OTLP', () =>
    harness.receiver.metrics
      .filter((metric) => metric.name === 'http.server.request.duration')
      .flatMap(({ data }) => (data?.$case === 'histogram' ? data.value.dataPoints : []))
      .flatMap(({ exemplars }) => exemplars)
      .find(({ traceId }) => hex(traceId) === exemplar?.traceId),
  );
  expect(hex(sent.spanId)).toBe(exemplar?.spanId);
  expect(sent.value).toEqual({ $case: 'asDouble', value: exemplar?.value });
});

test('garbage collection, heap and event loop are pushed over OTLP', async () => {
  await harness.start('context/express.js', { OTEL_METRIC_EXPORT_INTERVAL: '300' }, [
    '--max-semi-space-size=1',
    '--import',
    '@unhinged/observability-node/register',
  ]);
  for (const name of [
    'v8js.gc.duration',
    'v8js.memory.heap.used',
    'nodejs.eventloop.delay.p99',
    'nodejs.eventloop.utilization',
  ])
    await eventually(name, () => harness.receiver.metrics.some((metric) => metric.name === name));
});
