import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { withConfigFile } from './config-file.js';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'unhinged-config-'));
});
afterEach(() => {
  rmSync(folder, { recursive: true });
});

function read(content: string, env: Record<string, string> = {}, variable = 'OTEL_CONFIG_FILE') {
  const file = join(folder, 'otel.yaml');
  writeFileSync(file, content);
  const problems: string[] = [];
  const result = withConfigFile({ [variable]: file, ...env }, (problem) => problems.push(problem));
  return { env: result, problems: problems.map((each) => each.replace(`${file}: `, '')) };
}

describe('OTEL_CONFIG_FILE', () => {
  test('is said in variables', () => {
    const { env, problems } = read(`
file_format: "1.0"
log_level: debug
attribute_limits: { attribute_count_limit: 50 }
resource:
  attributes:
    - { name: service.name, value: shop }
    - { name: team, value: "a b" }
  attributes_list: region=eu
propagator: { composite: [{ tracecontext: }, { b3multi: }] }
tracer_provider:
  sampler: { parent_based: { root: { trace_id_ratio_based: { ratio: 0.25 } } } }
  limits: { event_count_limit: 9, link_attribute_count_limit: 3 }
  processors:
    - batch:
        schedule_delay: 500
        max_queue_size: 4000
        exporter:
          otlp_http:
            endpoint: http://collector:4318/v1/traces
            headers: [{ name: x-tenant, value: "a b" }]
            encoding: json
            compression: none
            timeout: 3000
meter_provider:
  readers:
    - periodic: { interval: 5000, exporter: { otlp_grpc: { endpoint: "http://collector:4317" } } }
    - pull: { exporter: { prometheus/development: { port: 9999 } } }
logger_provider:
  processors:
    - simple: { exporter: { console: } }
`);
    expect(problems).toEqual([]);
    expect(env).toEqual({
      OTEL_LOG_LEVEL: 'debug',
      OTEL_ATTRIBUTE_COUNT_LIMIT: '50',
      OTEL_RESOURCE_ATTRIBUTES: 'service.name=shop,team=a%20b,region=eu',
      OTEL_PROPAGATORS: 'tracecontext,b3multi',
      OTEL_TRACES_SAMPLER: 'parentbased_traceidratio',
      OTEL_TRACES_SAMPLER_ARG: '0.25',
      OTEL_SPAN_EVENT_COUNT_LIMIT: '9',
      OTEL_LINK_ATTRIBUTE_COUNT_LIMIT: '3',
      OTEL_BSP_SCHEDULE_DELAY: '500',
      OTEL_BSP_MAX_QUEUE_SIZE: '4000',
      OTEL_TRACES_EXPORTER: 'otlp',
      OTEL_EXPORTER_OTLP_TRACES_PROTOCOL: 'http/json',
      OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: 'http://collector:4318/v1/traces',
      OTEL_EXPORTER_OTLP_TRACES_HEADERS: 'x-tenant=a%20b',
      OTEL_EXPORTER_OTLP_TRACES_COMPRESSION: 'none',
      OTEL_EXPORTER_OTLP_TRACES_TIMEOUT: '3000',
      OTEL_METRIC_EXPORT_INTERVAL: '5000',
      OTEL_METRICS_EXPORTER: 'otlp,prometheus',
      OTEL_EXPORTER_OTLP_METRICS_PROTOCOL: 'grpc',
      OTEL_EXPORTER_OTLP_METRICS_ENDPOINT: 'http://collector:4317',
      OTEL_EXPORTER_PROMETHEUS_PORT: '9999',
      OTEL_LOGS_EXPORTER: 'console',
    });
  });

  test('variables count where the file names them, and nowhere else; a provider left out is none', () => {
    process.env['TEST_TEAM'] = 'search';
    try {
      const { env } = read(
        'file_format: "1.0"\nresource: { attributes_list: "team=${TEST_TEAM},zone=${TEST_ZONE:-b}" }',
        { OTEL_SERVICE_NAME: 'other', NODE_ENV: 'production', OTEL_NODE_DISABLED_INSTRUMENTATIONS: 'pg' },
      );
      expect(env).toEqual({
        NODE_ENV: 'production',
        OTEL_NODE_DISABLED_INSTRUMENTATIONS: 'pg',
        OTEL_RESOURCE_ATTRIBUTES: 'team=search,zone=b',
        OTEL_TRACES_EXPORTER: 'none',
        OTEL_METRICS_EXPORTER: 'none',
        OTEL_LOGS_EXPORTER: 'none',
      });
    } finally {
      delete process.env['TEST_TEAM'];
    }
  });

  test('what has no counterpart is reported by its path', () => {
    const { problems } = read(`
file_format: "1.0"
tracer_provider:
  sampler: { jaeger_remote/development: { endpoint: "http://j", initial_sampler: { always_on: } } }
  processors:
    - batch: { exporter: { otlp_grpc: } }
    - batch: { exporter: { otlp_grpc: { endpoint: "http://second:4317" } } }
meter_provider:
  readers: [{ periodic: { exporter: { console: } } }]
  views: [{ selector: { instrument_name: a }, stream: { name: b } }]
`);
    expect(problems).toEqual([
      "'tracer_provider.sampler.jaeger_remote/development.endpoint' has no effect here",
      "'tracer_provider.sampler.jaeger_remote/development.initial_sampler.always_on' has no effect here",
      "'tracer_provider.processors.1.batch.exporter.otlp_grpc.endpoint' has no effect here",
      "'meter_provider.views.0.selector.instrument_name' has no effect here",
      "'meter_provider.views.0.stream.name' has no effect here",
    ]);
  });

  test.each([
    ['file_format: "1.0"\ntracer_provider: { processors: 7 }', '/tracer_provider/processors must be array'],
    ['file_format: "0.3"', 'Unsupported file_format: "0.3"'],
    ['a: [', 'OTEL_CONFIG_FILE is ignored'],
  ])('a bad file (%p) is reported and the variables stand', (content, problem) => {
    const { env, problems } = read(content, { OTEL_SERVICE_NAME: 'shop' });
    expect(env['OTEL_SERVICE_NAME']).toBe('shop');
    expect(problems.join()).toContain(problem);
  });

  test('a file that is not there is reported', () => {
    const problems: string[] = [];
    withConfigFile({ OTEL_CONFIG_FILE: '/none.yaml' }, (problem) => problems.push(problem));
    expect(problems.join()).toMatch(/OTEL_CONFIG_FILE is ignored: (Error: )?ENOENT.*\/none\.yaml/);
  });

  test('goes by its older name, too, and may be JSON', () => {
    const { env } = read('{"file_format": "1.0", "disabled": true}', {}, 'OTEL_EXPERIMENTAL_CONFIG_FILE');
    expect(env['OTEL_SDK_DISABLED']).toBe('true');
    expect(process.env).not.toHaveProperty('OTEL_CONFIG_FILE');
  });
});
