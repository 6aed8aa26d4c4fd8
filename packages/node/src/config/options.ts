import type { buildLogEvent, Redact, Sequence } from '@unhinged/observability-core';
import type { InstrumentationConfigMap } from '@opentelemetry/auto-instrumentations-node';

export type Tier = 'gateway' | 'backend';
/** Row of the sampling table; see the resource attribute `unhinged.service.type`. */
export type ServiceType = 'frontend' | 'gateway' | 'backend' | 'critical';
export type Protocol = 'grpc' | 'http/protobuf' | 'http/json';

/**
 * Options of `startNode`. An option given here beats the environment variable named beside it, which beats the default.
 * A value that makes no sense is warned of and ignored: starting telemetry never throws.
 */
export interface NodeOptions {
  /** `OTEL_SERVICE_NAME`. Default: the name in the application's package.json, else `unknown_service:node`. */
  service?: string;
  /** `service.version` of `OTEL_RESOURCE_ATTRIBUTES`. Default: the version in the application's package.json. */
  version?: string;
  /** `deployment.environment.name` of `OTEL_RESOURCE_ATTRIBUTES`, then `NODE_ENV`. Default `development`. */
  environment?: string;
  /** Resource attribute `unhinged.tier`. Default `gateway`. */
  tier?: Tier;
  /** Resource attribute `unhinged.service.type`. Default: as the tier. */
  serviceType?: ServiceType;
  /**
   * `OTEL_EXPORTER_OTLP_PROTOCOL`, `OTEL_EXPORTER_OTLP_{TRACES,METRICS,LOGS}_PROTOCOL`. Default `grpc`, except when the
   * endpoint's port is 4318, the port that speaks HTTP everywhere: then `http/protobuf`.
   */
  protocol?: Protocol;
  /**
   * Base address without `/v1/…`, for example `http://localhost:4317`. `OTEL_EXPORTER_OTLP_ENDPOINT` and the three per
   * signal. Default `http://localhost:4317` for gRPC, `http://localhost:4318` for HTTP.
   */
  endpoint?: string;
  /** Sent with every export, over `OTEL_EXPORTER_OTLP_HEADERS` and the three per signal. */
  headers?: Record<string, string>;
  /** Further resource attributes, over `OTEL_RESOURCE_ATTRIBUTES`. */
  attributes?: Record<string, string | number | boolean>;
  /** Export of each signal. `OTEL_{TRACES,METRICS,LOGS}_EXPORTER=none` switches one off. Default all true. */
  traces?: boolean;
  metrics?: boolean;
  logs?: boolean;
  /**
   * False patches nothing; an object configures single instrumentations by package name. Default true: all of
   * `@opentelemetry/auto-instrumentations-node` that `OTEL_NODE_{ENABLED,DISABLED}_INSTRUMENTATIONS` leave on, without
   * fs, dns and net, which cost a span per call and tell little.
   */
  instrumentations?: boolean | InstrumentationConfigMap;
  /** Exact request paths that get no span and no metric. Default `/healthz`, `/readyz`, `/metrics`. */
  ignorePaths?: readonly string[];
  /** Milliseconds between metric exports. `OTEL_METRIC_EXPORT_INTERVAL`. Default 10,000 in development, else 60,000. */
  metricIntervalMs?: number;
  /**
   * `UNHINGED_POLICY` (a path). The policy, or the path of its JSON file, which is read again whenever it changes. Default: in
   * development and test every trace is kept, elsewhere the share that the table gives to the service type, and every error.
   */
  policy?: string | object;
  /**
   * Secrets that no span carries away, in its own attributes and those of its events and links: as `redact` of `createLogger`, an attribute's
   * dots being steps of a path; in URLs user, password and query parameters. `LOG_REDACT` adds paths. Default: the obvious ones.
   */
  redact?: Redact;
  /** Flush on SIGTERM, SIGINT and `beforeExit`. Default true. */
  handleExit?: boolean;
  /**
   * `UNHINGED_SPOOL_DIR`. Folder where requests wait, on disk, until the collector has taken them, also across restarts: at most
   * 256 MiB for each signal, each request delivered at least once. Not with `http/json`. Default: none, they wait in memory.
   */
  spoolDir?: string;
}

export interface CreateLoggerOptions {
  /** Default: the service of `startNode` when it was called before, else as `startNode` finds it. */
  service?: string;
  /**
   * Where lines go: `CDL`, `CD-`, `7`, `+D`, `debug=C,info=CD`. Over `LOG_FLAGS`, over the default of the environment
   * (development and test C, staging CD, production CDL, analytics L). A bad text is warned of and ignored.
   */
  flags?: string;
  /** Default: as the service. */
  environment?: string;
  /** Share of ordinary lines with the L flag that go to the lake, 0 to 1. Default 0.1. */
  lakeRate?: number;
  /**
   * Secrets that no destination gets: names (`password`: that key anywhere) and paths (`user.*.token`, `**.card.number`) beside the
   * obvious ones, all in detail with `{ paths, defaults, censor }`, or false for no redaction. `LOG_REDACT` adds paths, separated by
   * commas. Default: the obvious ones (`DEFAULT_REDACTED` of `@unhinged/observability-core`).
   */
  redact?: Redact;
  /** When given, D and L lines go there as LogEvents, and not over OTLP. */
  events?: LogEventEmitter;
}

/** What a logger needs of the `EventEmitter` of `@unhinged/events`. */
export interface LogEventEmitter {
  /** Numbers the events, so that a lost one leaves a gap. */
  readonly sequence: Sequence;
  /** Resolves when the event is durable. */
  emit(name: 'observability.log_entry', event: ReturnType<typeof buildLogEvent>): Promise<void>;
}
