import { expect, test } from '@jest/globals';
import { JsonMetricsSerializer } from '@opentelemetry/otlp-transformer';
import { resourceFromAttributes } from '@opentelemetry/resources';
import {
  AggregationTemporality,
  InMemoryMetricExporter,
  MeterProvider,
  PeriodicExportingMetricReader,
} from '@opentelemetry/sdk-metrics';
import { withExemplars } from './json-exemplars.js';

test('exemplars stand at their data points, as OTLP/JSON writes them; without any the request stays as it is', async () => {
  const exporter = new InMemoryMetricExporter(AggregationTemporality.CUMULATIVE);
  const reader = new PeriodicExportingMetricReader({ exporter, exportIntervalMillis: 1e6 });
  const provider = new MeterProvider({ resource: resourceFromAttributes({}), readers: [reader] });
  provider.getMeter('one').createCounter('calls').add(1);
  const histogram = provider.getMeter('two').createHistogram('duration');
  histogram.record(1, { route: '/a' });
  histogram.record(2, { route: '/b' });
  await reader.forceFlush();
  const [metrics] = exporter.getMetrics();
  await provider.shutdown();
  const request = metrics && JsonMetricsSerializer.serializeRequest(metrics);
  if (!metrics || !request) throw new Error('no metrics');
  expect(withExemplars(request, metrics, () => [])).toBe(request);
  const exemplar = {
    traceId: 'a'.repeat(32),
    spanId: 'b'.repeat(16),
    value: 2.5,
    epochMs: 1_700_000_000_123.5,
    number: 1,
  };
  const changed = withExemplars(request, metrics, (name, { route }) =>
    name === 'duration' && route === '/b' ? [exemplar] : [],
  );
  const expected = JSON.parse(Buffer.from(request).toString()) as {
    resourceMetrics: { scopeMetrics: { metrics: { histogram: { dataPoints: object[] } }[] }[] }[];
  };
  Object.assign(expected.resourceMetrics[0]?.scopeMetrics[1]?.metrics[0]?.histogram.dataPoints[1] ?? {}, {
    exemplars: [
      {
        timeUnixNano: '1700000000123500000',
        asDouble: 2.5,
        traceId: 'a'.repeat(32),
        spanId: 'b'.repeat(16),
      },
    ],
  });
  expect(JSON.parse(Buffer.from(changed).toString())).toEqual(expected);
});
