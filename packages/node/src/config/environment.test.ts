import { describe, expect, test } from '@jest/globals';
import { chooseInstrumentations } from '../instrument/choose.js';
import { resolveConfig, type ResolvedConfig } from './resolve.js';
import { resolveSdkSettings, type SdkSettings } from './sdk-settings.js';

interface Resolved {
  config: ResolvedConfig;
  settings: SdkSettings;
  instrumentations: string[];
  problems: string[];
}

function resolve(env: Record<string, string>): Resolved {
  const problems: string[] = [];
  const report = (problem: string) => {
    problems.push(problem);
  };
  return {
    config: resolveConfig({}, { env, main: undefined, cwd: '/', pid: 42 }, report),
    settings: resolveSdkSettings(env, report),
    instrumentations: chooseInstrumentations({}, env, report),
    problems,
  };
}

type Row = [variable: string, value: string, read: (resolved: Resolved) => unknown, expected: unknown];
const span = ({ settings }: Resolved) => settings.limits.span;
const logRecord = ({ settings }: Resolved) => settings.limits.logRecord;
const traces = ({ config }: Resolved) => config.signals.traces;

// https://opentelemetry.io/docs/specs/otel/configuration/sdk-environment-variables/ and …/protocol/exporter/, in their order. The
// sampler's variables have their test beside the sampling, temporality and aggregation beside the metric exporter.
const ROWS: Row[] = [
  ['OTEL_SDK_DISABLED', 'true', ({ config }) => config.disabled, true],
  ['OTEL_SDK_DISABLED', 'TRUE', ({ config }) => config.disabled, true],
  ['OTEL_SDK_DISABLED', '1', ({ config }) => config.disabled, false],
  ['OTEL_RESOURCE_ATTRIBUTES', 'team=a%20b', ({ config }) => config.resource['team'], 'a b'],
  ['OTEL_SERVICE_NAME', 'shop', ({ config }) => config.resource['service.name'], 'shop'],
  ['OTEL_LOG_LEVEL', 'debug', ({ settings }) => settings.diagnostics, 'debug'],
  ['OTEL_PROPAGATORS', 'b3,jaeger', ({ settings }) => settings.propagators, ['b3', 'jaeger']],
  ['OTEL_PROPAGATORS', 'b3multi', ({ settings }) => settings.propagators, ['b3multi']],
  ['OTEL_PROPAGATORS', 'none', ({ settings }) => settings.propagators, []],
  ['OTEL_BSP_SCHEDULE_DELAY', '7', ({ config }) => config.spanBatch.delayMs, 7],
  ['OTEL_BSP_EXPORT_TIMEOUT', '7', ({ config }) => config.spanBatch.exportTimeoutMs, 7],
  ['OTEL_BSP_MAX_QUEUE_SIZE', '7', ({ config }) => config.spanBatch.maxQueueSize, 7],
  ['OTEL_BSP_MAX_EXPORT_BATCH_SIZE', '7', ({ config }) => config.spanBatch.maxBatchSize, 7],
  ['OTEL_BLRP_SCHEDULE_DELAY', '7', ({ config }) => config.logBatch.delayMs, 7],
  ['OTEL_BLRP_EXPORT_TIMEOUT', '7', ({ config }) => config.logBatch.exportTimeoutMs, 7],
  ['OTEL_BLRP_MAX_QUEUE_SIZE', '7', ({ config }) => config.logBatch.maxQueueSize, 7],
  ['OTEL_BLRP_MAX_EXPORT_BATCH_SIZE', '7', ({ config }) => config.logBatch.maxBatchSize, 7],
  ['OTEL_ATTRIBUTE_VALUE_LENGTH_LIMIT', '7', span, { attributeValueLengthLimit: 7 }],
  ['OTEL_ATTRIBUTE_VALUE_LENGTH_LIMIT', '7', logRecord, { attributeValueLengthLimit: 7 }],
  ['OTEL_ATTRIBUTE_COUNT_LIMIT', '7', span, { attributeCountLimit: 7 }],
  ['OTEL_ATTRIBUTE_COUNT_LIMIT', '7', logRecord, { attributeCountLimit: 7 }],
  ['OTEL_SPAN_ATTRIBUTE_VALUE_LENGTH_LIMIT', '7', span, { attributeValueLengthLimit: 7 }],
  ['OTEL_SPAN_ATTRIBUTE_COUNT_LIMIT', '0', span, { attributeCountLimit: 0 }],
  ['OTEL_SPAN_EVENT_COUNT_LIMIT', '7', span, { eventCountLimit: 7 }],
  ['OTEL_SPAN_LINK_COUNT_LIMIT', '7', span, { linkCountLimit: 7 }],
  ['OTEL_EVENT_ATTRIBUTE_COUNT_LIMIT', '7', span, { attributePerEventCountLimit: 7 }],
  ['OTEL_LINK_ATTRIBUTE_COUNT_LIMIT', '7', span, { attributePerLinkCountLimit: 7 }],
  ['OTEL_LOGRECORD_ATTRIBUTE_VALUE_LENGTH_LIMIT', '7', logRecord, { attributeValueLengthLimit: 7 }],
  ['OTEL_LOGRECORD_ATTRIBUTE_COUNT_LIMIT', '7', logRecord, { attributeCountLimit: 7 }],
  ['OTEL_TRACES_EXPORTER', 'console', (r) => traces(r).exporters, ['console']],
  [
    'OTEL_METRICS_EXPORTER',
    'otlp,prometheus',
    ({ config }) => config.signals.metrics.exporters,
    ['otlp', 'prometheus'],
  ],
  ['OTEL_LOGS_EXPORTER', 'none', ({ config }) => config.signals.logs.exporters, []],
  ['OTEL_METRIC_EXPORT_INTERVAL', '700', ({ config }) => config.metricIntervalMs, 700],
  ['OTEL_METRIC_EXPORT_TIMEOUT', '700', ({ config }) => config.metricTimeoutMs, 700],
  ['OTEL_EXPORTER_PROMETHEUS_HOST', '127.0.0.1', ({ config }) => config.prometheus.host, '127.0.0.1'],
  ['OTEL_EXPORTER_PROMETHEUS_PORT', '7', ({ config }) => config.prometheus.port, 7],
  ['OTEL_EXPORTER_OTLP_ENDPOINT', 'http://c:1', (r) => traces(r).url, 'http://c:1'],
  ['OTEL_EXPORTER_OTLP_TRACES_ENDPOINT', 'http://c:1', (r) => traces(r).url, 'http://c:1'],
  ['OTEL_EXPORTER_OTLP_PROTOCOL', 'http/json', (r) => traces(r).protocol, 'http/json'],
  ['OTEL_EXPORTER_OTLP_TRACES_PROTOCOL', 'http/json', (r) => traces(r).protocol, 'http/json'],
  ['OTEL_EXPORTER_OTLP_HEADERS', 'a=b%20c', (r) => traces(r).headers, { a: 'b c' }],
  ['OTEL_EXPORTER_OTLP_TRACES_HEADERS', 'a=b', (r) => traces(r).headers, { a: 'b' }],
  ['OTEL_EXPORTER_OTLP_COMPRESSION', 'none', (r) => traces(r).compression, 'none'],
  ['OTEL_EXPORTER_OTLP_TRACES_COMPRESSION', 'none', (r) => traces(r).compression, 'none'],
  ['OTEL_EXPORTER_OTLP_TIMEOUT', '7', (r) => traces(r).timeoutMs, 7],
  ['OTEL_EXPORTER_OTLP_TRACES_TIMEOUT', '7', (r) => traces(r).timeoutMs, 7],
  ['OTEL_EXPORTER_OTLP_INSECURE', 'true', (r) => traces(r).insecure, true],
  ['OTEL_EXPORTER_OTLP_CERTIFICATE', 'ca.pem', (r) => traces(r).tls, { certificate: 'ca.pem' }],
  ['OTEL_EXPORTER_OTLP_CLIENT_KEY', 'key.pem', (r) => traces(r).tls, { clientKey: 'key.pem' }],
  [
    'OTEL_EXPORTER_OTLP_TRACES_CLIENT_CERTIFICATE',
    'c.pem',
    (r) => traces(r).tls,
    { clientCertificate: 'c.pem' },
  ],
  [
    'OTEL_NODE_ENABLED_INSTRUMENTATIONS',
    'http,pg',
    ({ instrumentations }) => instrumentations,
    ['http', 'pg'],
  ],
  [
    'OTEL_NODE_DISABLED_INSTRUMENTATIONS',
    'pg',
    ({ instrumentations }) => instrumentations.includes('pg'),
    false,
  ],
];

describe('each variable has its effect', () => {
  test.each(ROWS)('%s=%s', (variable, value, read, expected) => {
    const resolved = resolve({ [variable]: value });
    const without = read(resolve({}));
    expect(read(resolved)).toEqual(expected);
    // The row would prove nothing otherwise; what `1` must not do is the exception.
    if (value !== '1') expect(without).not.toEqual(expected);
    expect(resolved.problems).toEqual([]);
    // Empty is as good as unset.
    expect(read(resolve({ [variable]: '' }))).toEqual(without);
  });

  test.each([
    ['OTEL_LOG_LEVEL', 'loud'],
    ['OTEL_PROPAGATORS', 'ottrace'],
    ['OTEL_BSP_MAX_QUEUE_SIZE', '-1'],
    ['OTEL_SPAN_LINK_COUNT_LIMIT', 'many'],
    ['OTEL_TRACES_EXPORTER', 'zipkin'],
    ['OTEL_EXPORTER_OTLP_PROTOCOL', 'tcp'],
    ['OTEL_EXPORTER_OTLP_ENDPOINT', 'nowhere'],
    ['OTEL_METRICS_EXEMPLAR_FILTER', 'always_on'],
    ['OTEL_METRICS_EXEMPLAR_FILTER', 'some'],
    ['OTEL_NODE_DISABLED_INSTRUMENTATIONS', 'expres'],
  ])('%s=%s is a problem, with the name and the value in it', (variable, value) => {
    const { problems } = resolve({ [variable]: value });
    expect(problems.length).toBeGreaterThan(0);
    expect(problems[0]).toContain(variable);
    expect(problems[0]).toContain(value);
  });
});
