import {
  bracedLabels,
  familyHeader,
  prometheusBound,
  prometheusFamily,
  prometheusLabels,
  prometheusNumber,
  renderExemplar,
  renderLabels,
  type PrometheusType,
} from './prometheus.js';

test.each<[string, string, PrometheusType, string]>([
  ['http.server.request.duration', 's', 'histogram', 'http_server_request_duration_seconds'],
  ['process.cpu.time', 's', 'counter', 'process_cpu_time_seconds_total'],
  ['requests_total', '1', 'counter', 'requests_total'],
  ['network.io', 'By/s', 'gauge', 'network_io_bytes_per_second'],
  ['memory.bytes', 'By', 'gauge', 'memory_bytes'],
  ['cpu.utilization', '1', 'gauge', 'cpu_utilization_ratio'],
  ['2xx', '', 'gauge', '_2xx'],
  ['queue.ünit', '{message}', 'gauge', 'queue_nit'],
])('%s in %s as %s is %s', (name, unit, type, expected) => {
  expect(prometheusFamily({ name, unit, type, isGauge: type === 'gauge' })).toBe(expected);
});

test('an up-down counter of unit 1 is no ratio', () => {
  expect(prometheusFamily({ name: 'jobs', unit: '1', type: 'gauge', isGauge: false })).toBe('jobs');
});

test('label names are legal and none is one that Prometheus reserves', () => {
  const names = ['a.b', '1a', '', '__name__', 'le', 'quantile'].map((key) => [
    ...prometheusLabels({ [key]: 1 }).keys(),
  ]);
  expect(names.flat()).toEqual(['a_b', 'key_1a', '_', '_name__', 'exported_le', 'exported_quantile']);
});

test('values are escaped, no texts are JSON, and keys that become one label are joined', () => {
  const labels = prometheusLabels({ z: 'a"b\\\n', 'a.b': ['x'], a_b: 1, n: undefined });
  expect(bracedLabels(renderLabels(labels), 'le="1.0"')).toBe(
    '{a_b="[\\"x\\"];1",n="null",z="a\\"b\\\\\\n",le="1.0"}',
  );
  expect([bracedLabels(''), bracedLabels('', 'le="1.0"')]).toEqual(['', '{le="1.0"}']);
});

test('headers, numbers and exemplars are as each format has them', () => {
  const family = { name: 'jobs_total', type: 'counter' as const, help: 'a "b"\n' };
  expect(familyHeader(family, false)).toBe('# HELP jobs_total a "b"\\n\n# TYPE jobs_total counter\n');
  expect(familyHeader(family, true)).toBe('# HELP jobs a \\"b\\"\\n\n# TYPE jobs counter\n');
  expect([Infinity, -Infinity, 0.5].map(prometheusNumber)).toEqual(['+Inf', '-Inf', '0.5']);
  expect([1, 0.25, 1e21].map(prometheusBound)).toEqual(['1.0', '0.25', '1e+21']);
  expect(renderExemplar({ traceId: 'a', spanId: 'b', value: 0.25, seconds: 1.5 })).toBe(
    ' # {trace_id="a",span_id="b"} 0.25 1.5',
  );
});
