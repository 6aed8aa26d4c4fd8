import { hostname } from 'node:os';
import { randomUUID } from 'node:crypto';
import type { InstrumentationConfigMap } from '@opentelemetry/auto-instrumentations-node';
import {
  ATTR_SERVICE_TYPE,
  ATTR_TIER,
  resolveRedaction,
  type KeyRedaction,
} from '@unhinged/observability-core';
import { isEndpoint, PROTOCOLS } from './check-options.js';
import type { NodeOptions, Protocol } from './options.js';
import { packageInfo } from './package-info.js';
import { flag, list, oneOf, pairs, positive, text, type Env, type Report } from './read-env.js';

export type SignalName = 'traces' | 'metrics' | 'logs';

const COMPRESSIONS = ['gzip', 'none'] as const;

/** Where one signal goes. */
export interface SignalConfig {
  /** Any of otlp, console, prometheus (metrics only); empty when the signal is off. */
  exporters: readonly string[];
  protocol: Protocol;
  /** Complete, with `/v1/…` for HTTP. */
  url: string;
  /** Of each request: those of the environment, the signal's over the general, an option over both. */
  headers: Record<string, string>;
  compression: 'gzip' | 'none';
  /** Milliseconds that one attempt may take. */
  timeoutMs: number;
  /** Files in PEM form; read when the exporter is made. */
  tls: { certificate?: string; clientKey?: string; clientCertificate?: string };
  /** Plain text for a gRPC endpoint without a scheme. */
  insecure: boolean;
}

export interface BatchConfig {
  maxQueueSize: number;
  maxBatchSize: number;
  delayMs: number;
  /** Milliseconds that a flush waits for the collector; what is left then stays queued. */
  exportTimeoutMs: number;
}

export interface ResolvedConfig {
  disabled: boolean;
  environment: string;
  resource: Record<string, string | number | boolean>;
  signals: Record<SignalName, SignalConfig>;
  spanBatch: BatchConfig;
  logBatch: BatchConfig;
  metricIntervalMs: number;
  metricTimeoutMs: number;
  /** Address of the server that `OTEL_METRICS_EXPORTER=prometheus` asks for. */
  prometheus: { host: string; port: number };
  instrumentations: false | InstrumentationConfigMap;
  ignorePaths: ReadonlySet<string>;
  /** As given: the policy or the path of its file. */
  policy: string | object | undefined;
  /** Of spans. */
  redaction: KeyRedaction;
  handleExit: boolean;
  /** Folder of the spool; undefined: records wait in memory only. */
  spoolDir: string | undefined;
}

export interface ProcessFacts {
  env: Env;
  main: string | undefined;
  cwd: string;
  pid: number;
}

/** One place where option, environment and default become one value. `options` must have been checked. */
export function resolveConfig(options: NodeOptions, process: ProcessFacts, report: Report): ResolvedConfig {
  const { env } = process;
  const resource = resolveResource(options, process);
  const environment = String(resource['deployment.environment.name']);
  const metricIntervalMs =
    options.metricIntervalMs ??
    positive(env, 'OTEL_METRIC_EXPORT_INTERVAL', environment === 'development' ? 10_000 : 60_000, report);
  return {
    disabled: flag(env, 'OTEL_SDK_DISABLED'),
    environment,
    resource,
    signals: {
      traces: resolveSignal('traces', options, env, report),
      metrics: resolveSignal('metrics', options, env, report),
      logs: resolveSignal('logs', options, env, report),
    },
    spanBatch: resolveBatch('OTEL_BSP', env, report),
    logBatch: resolveBatch('OTEL_BLRP', env, report),
    metricIntervalMs,
    // The reader refuses a timeout beyond its interval.
    metricTimeoutMs: Math.min(positive(env, 'OTEL_METRIC_EXPORT_TIMEOUT', 30_000, report), metricIntervalMs),
    prometheus: {
      host: text(env, 'OTEL_EXPORTER_PROMETHEUS_HOST') ?? 'localhost',
      port: positive(env, 'OTEL_EXPORTER_PROMETHEUS_PORT', 9464, report),
    },
    instrumentations:
      options.instrumentations === false
        ? false
        : typeof options.instrumentations === 'object'
          ? options.instrumentations
          : {},
    ignorePaths: new Set(options.ignorePaths ?? ['/healthz', '/readyz', '/metrics']),
    policy: options.policy,
    redaction: resolveSpanRedaction(options.redact, env, report),
    handleExit: options.handleExit ?? true,
    spoolDir: options.spoolDir ?? text(env, 'UNHINGED_SPOOL_DIR'),
  };
}

function resolveSpanRedaction(redact: NodeOptions['redact'], env: Env, report: Report): KeyRedaction {
  const words = text(env, 'LOG_REDACT');
  try {
    return resolveRedaction(redact, words);
  } catch (error) {
    // The option has been checked.
    report(`LOG_REDACT '${words ?? ''}' is ignored: ${String(error)}`);
    return resolveRedaction(redact, undefined);
  }
}

/** Facts of this process. */
export function processFacts(): ProcessFacts {
  return { env: process.env, main: process.argv[1], cwd: process.cwd(), pid: process.pid };
}

/** Resource attributes: service, process, tier. `options` must have been checked. */
export function resolveResource(options: NodeOptions, process: ProcessFacts): ResolvedConfig['resource'] {
  const fromEnv = pairs(process.env, 'OTEL_RESOURCE_ATTRIBUTES');
  const app = packageInfo(process.main, process.cwd);
  const tier = options.tier ?? 'gateway';
  const version = options.version ?? fromEnv['service.version'] ?? app.version;
  return {
    'host.name': hostname(),
    'process.pid': process.pid,
    'service.instance.id': randomUUID(),
    [ATTR_TIER]: tier,
    [ATTR_SERVICE_TYPE]: options.serviceType ?? tier,
    ...fromEnv,
    ...options.attributes,
    'service.name':
      options.service ??
      text(process.env, 'OTEL_SERVICE_NAME') ??
      fromEnv['service.name'] ??
      app.name ??
      'unknown_service:node',
    ...(version !== undefined && { 'service.version': version }),
    'deployment.environment.name':
      options.environment ??
      fromEnv['deployment.environment.name'] ??
      fromEnv['deployment.environment'] ??
      text(process.env, 'NODE_ENV') ??
      'development',
    ...(options.tier && { [ATTR_TIER]: options.tier }),
    ...(options.serviceType && { [ATTR_SERVICE_TYPE]: options.serviceType }),
  };
}

function resolveSignal(signal: SignalName, options: NodeOptions, env: Env, report: Report): SignalConfig {
  const name = signal.toUpperCase();
  const base = options.endpoint ?? envEndpoint(env, 'OTEL_EXPORTER_OTLP_ENDPOINT', report);
  // A variable per signal is the complete address: nothing is appended (OTLP exporter specification).
  const complete =
    options.endpoint === undefined
      ? envEndpoint(env, `OTEL_EXPORTER_OTLP_${name}_ENDPOINT`, report)
      : undefined;
  const endpoint = complete ?? base;
  const variable = (suffix: string) =>
    [`OTEL_EXPORTER_OTLP_${name}_${suffix}`, `OTEL_EXPORTER_OTLP_${suffix}`] as const;
  const either = (suffix: string) => {
    const [own, general] = variable(suffix);
    return text(env, own) ?? text(env, general);
  };
  const [ownTimeout, timeout] = variable('TIMEOUT');
  const [ownHeaders, headers] = variable('HEADERS');
  const certificate = either('CERTIFICATE');
  const clientKey = either('CLIENT_KEY');
  const clientCertificate = either('CLIENT_CERTIFICATE');
  const protocol =
    options.protocol ??
    oneOf(env, `OTEL_EXPORTER_OTLP_${name}_PROTOCOL`, PROTOCOLS, report) ??
    oneOf(env, 'OTEL_EXPORTER_OTLP_PROTOCOL', PROTOCOLS, report) ??
    (endpoint !== undefined && /:4318(\/|$)/.test(endpoint) ? 'http/protobuf' : 'grpc');
  return {
    exporters: options[signal] === false ? [] : envExporters(signal, env, report),
    protocol,
    url:
      protocol === 'grpc'
        ? (endpoint ?? 'http://localhost:4317')
        : (complete ?? `${(base ?? 'http://localhost:4318').replace(/\/+$/, '')}/v1/${signal}`),
    headers: { ...pairs(env, headers), ...pairs(env, ownHeaders), ...options.headers },
    compression:
      oneOf(env, `OTEL_EXPORTER_OTLP_${name}_COMPRESSION`, COMPRESSIONS, report) ??
      oneOf(env, 'OTEL_EXPORTER_OTLP_COMPRESSION', COMPRESSIONS, report) ??
      'gzip',
    timeoutMs: positive(env, ownTimeout, positive(env, timeout, 10_000, report), report),
    tls: {
      ...(certificate !== undefined && { certificate }),
      ...(clientKey !== undefined && { clientKey }),
      ...(clientCertificate !== undefined && { clientCertificate }),
    },
    insecure: either('INSECURE')?.toLowerCase() === 'true',
  };
}

function envEndpoint(env: Env, name: string, report: Report): string | undefined {
  const value = text(env, name);
  if (value === undefined || isEndpoint(value)) return value;
  report(`${name} must be an address such as http://localhost:4317, got '${value}'; ignored`);
  return undefined;
}

function envExporters(signal: SignalName, env: Env, report: Report): string[] {
  const variable = `OTEL_${signal.toUpperCase()}_EXPORTER`;
  const named = [...new Set(list(env, variable))];
  if (named.includes('none')) return [];
  const known = signal === 'metrics' ? ['otlp', 'console', 'prometheus'] : ['otlp', 'console'];
  const good = named.filter((each) => known.includes(each));
  for (const bad of named.filter((each) => !known.includes(each))) {
    report(`${variable} may name ${known.join(', ')} or none, got '${bad}'; ignored`);
  }
  return good.length > 0 ? good : ['otlp'];
}

/** Owner's figures: 1 s, 1,024. The queue holds a burst of 16 batches; what is beyond is dropped and counted. */
function resolveBatch(prefix: 'OTEL_BSP' | 'OTEL_BLRP', env: Env, report: Report): BatchConfig {
  const maxQueueSize = positive(env, `${prefix}_MAX_QUEUE_SIZE`, 16_384, report);
  return {
    maxQueueSize,
    maxBatchSize: Math.min(positive(env, `${prefix}_MAX_EXPORT_BATCH_SIZE`, 1_024, report), maxQueueSize),
    delayMs: positive(env, `${prefix}_SCHEDULE_DELAY`, 1_000, report),
    exportTimeoutMs: positive(env, `${prefix}_EXPORT_TIMEOUT`, 30_000, report),
  };
}
