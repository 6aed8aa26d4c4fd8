import { describe, expect, test } from '@jest/globals';
import type { NodeOptions } from './options.js';
import { resolveConfig } from './resolve.js';

function resolve(options: NodeOptions, env: Record<string, string> = {}) {
  const problems: string[] = [];
  // The root folder holds no package.json: neither name nor version comes from there.
  const config = resolveConfig(options, { env, main: undefined, cwd: '/', pid: 42 }, (problem) =>
    problems.push(problem),
  );
  return { config, problems };
}

describe('protocol and address', () => {
  test('gRPC to port 4317 by default', () => {
    const { traces } = resolve({}).config.signals;
    expect(traces).toMatchObject({ protocol: 'grpc', url: 'http://localhost:4317', compression: 'gzip' });
  });

  test('port 4318 means HTTP when no protocol is given', () => {
    const { signals } = resolve({}, { OTEL_EXPORTER_OTLP_ENDPOINT: 'http://localhost:4318' }).config;
    expect(signals.logs).toMatchObject({
      protocol: 'http/protobuf',
      url: 'http://localhost:4318/v1/logs',
    });
    expect(resolve({ endpoint: 'http://c:4318/' }).config.signals.metrics).toMatchObject({
      protocol: 'http/protobuf',
      url: 'http://c:4318/v1/metrics',
    });
  });

  test('a protocol that is given stands, also on port 4318', () => {
    const env = { OTEL_EXPORTER_OTLP_ENDPOINT: 'http://localhost:4318', OTEL_EXPORTER_OTLP_PROTOCOL: 'grpc' };
    expect(resolve({}, env).config.signals.traces.protocol).toBe('grpc');
  });

  test('option beats signal variable beats general variable', () => {
    const env = {
      OTEL_EXPORTER_OTLP_ENDPOINT: 'http://general:4317',
      OTEL_EXPORTER_OTLP_PROTOCOL: 'http/json',
      OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: 'http://traces:9/custom',
      OTEL_EXPORTER_OTLP_TRACES_PROTOCOL: 'http/protobuf',
      OTEL_EXPORTER_OTLP_COMPRESSION: 'none',
      OTEL_EXPORTER_OTLP_TRACES_COMPRESSION: 'gzip',
    };
    const { signals } = resolve({}, env).config;
    expect(signals.traces).toMatchObject({
      url: 'http://traces:9/custom',
      protocol: 'http/protobuf',
      compression: 'gzip',
    });
    expect(signals.logs).toMatchObject({
      url: 'http://general:4317/v1/logs',
      protocol: 'http/json',
      compression: 'none',
    });
    const own = resolve({ endpoint: 'http://own:1', protocol: 'grpc' }, env).config.signals;
    expect(own.traces).toMatchObject({ url: 'http://own:1', protocol: 'grpc' });
  });

  test('a bad variable is reported by name and ignored', () => {
    const { config, problems } = resolve(
      {},
      {
        OTEL_EXPORTER_OTLP_ENDPOINT: 'nonsense',
        OTEL_EXPORTER_OTLP_PROTOCOL: 'carrier-pigeon',
        OTEL_BSP_MAX_QUEUE_SIZE: '-1',
        OTEL_LOGS_EXPORTER: 'papyrus',
      },
    );
    expect(config.signals.traces).toMatchObject({ protocol: 'grpc', url: 'http://localhost:4317' });
    expect(config.spanBatch.maxQueueSize).toBe(16_384);
    expect(config.signals.logs.exporters).toEqual(['otlp']);
    for (const name of ['OTLP_ENDPOINT', 'OTLP_PROTOCOL', 'BSP_MAX_QUEUE_SIZE', 'LOGS_EXPORTER']) {
      expect(problems.join('\n')).toContain(`OTEL_${name.startsWith('OTLP') ? 'EXPORTER_' : ''}${name}`);
    }
  });
});

describe('resource', () => {
  test('has the service, the process and the tier', () => {
    const { resource } = resolve({ service: 'chat', version: '2.0.0', environment: 'staging' }).config;
    expect(resource).toMatchObject({
      'service.name': 'chat',
      'service.version': '2.0.0',
      'deployment.environment.name': 'staging',
      'process.pid': 42,
      'unhinged.tier': 'gateway',
      'unhinged.service.type': 'gateway',
    });
    expect(resource['service.instance.id']).toMatch(/^[0-9a-f-]{36}$/);
    expect(resource['host.name']).not.toBe('');
  });

  test('service name: option, OTEL_SERVICE_NAME, OTEL_RESOURCE_ATTRIBUTES, unknown', () => {
    const attributes = { OTEL_RESOURCE_ATTRIBUTES: 'service.name=third,team=a%20b' };
    const both = { ...attributes, OTEL_SERVICE_NAME: 'second' };
    expect(resolve({ service: 'first' }, both).config.resource['service.name']).toBe('first');
    expect(resolve({}, both).config.resource['service.name']).toBe('second');
    const third = resolve({}, attributes).config.resource;
    expect(third['service.name']).toBe('third');
    expect(third['team']).toBe('a b');
    expect(resolve({}).config.resource['service.name']).toBe('unknown_service:node');
  });

  test('the tier decides the service type unless it is named', () => {
    expect(resolve({ tier: 'backend' }).config.resource['unhinged.service.type']).toBe('backend');
    const critical = resolve({ tier: 'backend', serviceType: 'critical' }).config.resource;
    expect(critical).toMatchObject({ 'unhinged.tier': 'backend', 'unhinged.service.type': 'critical' });
  });
});

describe('switches and figures', () => {
  test('a signal is off by option or by variable', () => {
    const { signals } = resolve({ metrics: false }, { OTEL_TRACES_EXPORTER: 'none' }).config;
    expect(signals.traces.exporters).toEqual([]);
    expect(signals.metrics.exporters).toEqual([]);
    expect(signals.logs.exporters).toEqual(['otlp']);
  });

  test('batches of 1,024 after 1 s, and the variables for them', () => {
    expect(resolve({}).config.spanBatch).toMatchObject({ maxBatchSize: 1_024, delayMs: 1_000 });
    const env = {
      OTEL_BSP_SCHEDULE_DELAY: '50',
      OTEL_BSP_MAX_EXPORT_BATCH_SIZE: '10',
      OTEL_BLRP_MAX_QUEUE_SIZE: '7',
    };
    const { spanBatch, logBatch } = resolve({}, env).config;
    expect(spanBatch).toMatchObject({ maxBatchSize: 10, delayMs: 50 });
    expect(logBatch).toMatchObject({ maxQueueSize: 7, maxBatchSize: 7 });
  });

  test('metrics go every 10 s in development, every 60 s elsewhere, and as told', () => {
    expect(resolve({}).config.metricIntervalMs).toBe(10_000);
    expect(resolve({}, { NODE_ENV: 'production' }).config.metricIntervalMs).toBe(60_000);
    const env = { OTEL_METRIC_EXPORT_INTERVAL: '500' };
    expect(resolve({}, env).config).toMatchObject({ metricIntervalMs: 500, metricTimeoutMs: 500 });
    expect(resolve({ metricIntervalMs: 250 }, env).config.metricIntervalMs).toBe(250);
  });

  test('OTEL_SDK_DISABLED', () => {
    expect(resolve({}, { OTEL_SDK_DISABLED: 'true' }).config.disabled).toBe(true);
    expect(resolve({}, { OTEL_SDK_DISABLED: '0' }).config.disabled).toBe(false);
  });
});
