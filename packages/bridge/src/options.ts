import { accessSync, constants, mkdirSync } from 'node:fs';
import { resolve } from 'node:path';
import { defaultPolicy, ObservabilityError, parsePolicy, type Policy } from '@unhinged/observability-core';
import type { KafkaSource } from './consume/kafka-feed.js';
import { DEFAULT_CORS_ORIGINS } from './receive/cors.js';

export interface BridgePorts {
  /** OTLP/gRPC. Default 4317. */
  grpc: number;
  /** OTLP/HTTP and `/healthz`. Default 4318. */
  http: number;
  /** Prometheus exposition at `/metrics`. Default 8889. */
  prometheus: number;
  /** The console page and its API. Default 4319. */
  console: number;
}

export interface BridgeLimits {
  /** Bytes of one request, before and after decompression. Default 16 MiB. */
  requestBytes: number;
  /** Bytes of all requests between their first byte and their answer; what exceeds it is told to retry. Default 64 MiB. */
  inFlightBytes: number;
  /** Milliseconds that a client may take to send a request. Default 30,000. */
  requestTimeoutMs: number;
  /** Bytes of the journal on disk; when it is full, clients are told to retry. Default 4 GiB. */
  journalBytes: number;
  /** Prometheus series made of OTLP metrics; series beyond are dropped and counted. Default 20,000. */
  prometheusSeries: number;
}

export interface BridgeOptions {
  /** Folder of the journal, the lake and the state; made when it is missing. One bridge at a time. */
  dataDir: string;
  /** Address that all servers bind to. Default 127.0.0.1: nothing outside this machine reaches them. */
  host?: string;
  /** 0 takes any free port; `Bridge.ports` says which. */
  ports?: Partial<BridgePorts>;
  /** Origins of web pages that may send, `*` for any run of characters. Default: any port of localhost and 127.0.0.1. */
  corsOrigins?: readonly string[];
  /** Content of a policy file; see `parsePolicy` of the core package. Default: the built-in policy. */
  policy?: unknown;
  /** URLs that are told of every alert. Default: none. */
  webhooks?: readonly string[];
  /** Folder of the built console page. Default: none; the console's API answers all the same. */
  pageDir?: string | undefined;
  /** Milliseconds after which an accepted event is in Parquet at the latest. Default 60,000. */
  lakeFlushMs?: number | undefined;
  limits?: Partial<BridgeLimits>;
  /** Who uploads source maps must send it. Default: none; then they are taken from this machine only. */
  uploadToken?: string | undefined;
  /** A stream to read besides what is sent here: typed events, and OTLP batches of the Collector's Kafka exporter. Default: none. */
  kafka?: KafkaSource | undefined;
}

/** Options as the bridge works with them: everything present, everything checked. */
export interface ResolvedOptions {
  dataDir: string;
  host: string;
  ports: BridgePorts;
  corsOrigins: readonly string[];
  policy: Policy;
  webhooks: readonly string[];
  pageDir: string | undefined;
  lakeFlushMs: number;
  limits: BridgeLimits;
  uploadToken: string | undefined;
  kafka: KafkaSource | undefined;
}

const MIB = 1024 * 1024;
const defaultPorts: BridgePorts = { grpc: 4317, http: 4318, prometheus: 8889, console: 4319 };
const defaultLimits: BridgeLimits = {
  requestBytes: 16 * MIB,
  inFlightBytes: 64 * MIB,
  requestTimeoutMs: 30_000,
  journalBytes: 4096 * MIB,
  prometheusSeries: 20_000,
};

/**
 * Fills in the defaults and makes the data folder.
 *
 * @throws ObservabilityError `bad_option` naming the option, what was expected and what was given; `bad_policy`; `data_dir`
 * when the folder cannot be made, read or written.
 */
export function resolveOptions(options: BridgeOptions): ResolvedOptions {
  onlyKnown('', options, [
    ...[
      'dataDir',
      'host',
      'ports',
      'corsOrigins',
      'policy',
      'webhooks',
      'pageDir',
      'lakeFlushMs',
      'limits',
      'uploadToken',
      'kafka',
    ],
  ]);
  const { dataDir, host = '127.0.0.1', pageDir, webhooks = [], corsOrigins = DEFAULT_CORS_ORIGINS } = options;
  const { lakeFlushMs = 60_000, uploadToken, kafka } = options;
  // What brokers may be is the consumer's to say.
  if (kafka !== undefined) onlyKnown('kafka', kafka, ['brokers', 'groupId', 'ssl', 'sasl']);
  if (typeof dataDir !== 'string' || dataDir === '') throw bad('dataDir', 'the path of a folder', dataDir);
  if (typeof host !== 'string' || host === '') throw bad('host', 'an address such as 127.0.0.1', host);
  if (pageDir !== undefined && typeof pageDir !== 'string')
    throw bad('pageDir', 'the path of a folder', pageDir);
  if (!Number.isInteger(lakeFlushMs) || lakeFlushMs < 1)
    throw bad('lakeFlushMs', 'a whole number of at least 1', lakeFlushMs);
  if (uploadToken !== undefined && (typeof uploadToken !== 'string' || uploadToken.length < 16))
    throw new ObservabilityError(
      'bad_option',
      'Bad option uploadToken: expected a text of 16 characters or more.',
    );
  return {
    host,
    pageDir,
    lakeFlushMs,
    uploadToken,
    kafka,
    ports: numbers('ports', defaultPorts, options.ports, 0, 65_535),
    limits: numbers('limits', defaultLimits, options.limits, 1, Number.MAX_SAFE_INTEGER),
    corsOrigins: strings(
      'corsOrigins',
      corsOrigins,
      (origin) => /^(\*|[a-z*]+:\/\/[^/]+)$/i.test(origin),
      'an origin such as https://app.example.com',
    ),
    webhooks: strings(
      'webhooks',
      webhooks,
      (url) => /^https?:\/\//.test(url) && URL.canParse(url),
      'an http or https URL',
    ),
    policy: options.policy === undefined ? defaultPolicy : parsePolicy(options.policy),
    dataDir: usableFolder(dataDir),
  };
}

function numbers<T extends object>(
  name: string,
  defaults: T,
  given: Partial<T> | undefined,
  min: number,
  max: number,
): T {
  onlyKnown(name, given ?? {}, Object.keys(defaults));
  const result = new Map<string, unknown>(Object.entries(defaults));
  for (const [key, value] of Object.entries<unknown>(given ?? {})) {
    if (value === undefined) continue;
    if (typeof value !== 'number' || !Number.isInteger(value) || value < min || value > max) {
      throw bad(`${name}.${key}`, `a whole number from ${min} to ${max}`, value);
    }
    result.set(key, value);
  }
  return Object.fromEntries(result) as T;
}

function strings(
  name: string,
  given: unknown,
  isGood: (item: string) => boolean,
  expected: string,
): readonly string[] {
  if (!Array.isArray(given)) throw bad(name, `a list, each ${expected}`, given);
  for (const [index, item] of given.entries()) {
    if (typeof item !== 'string' || !isGood(item)) throw bad(`${name}[${index}]`, expected, item);
  }
  return given as string[];
}

function onlyKnown(name: string, given: unknown, known: readonly string[]): void {
  if (typeof given !== 'object' || given === null) throw bad(name || 'options', 'an object', given);
  for (const key of Object.keys(given)) {
    if (!known.includes(key)) {
      throw bad(
        name ? `${name}.${key}` : key,
        `one of the options ${known.join(', ')}`,
        'an option that does not exist',
      );
    }
  }
}

function usableFolder(dataDir: string): string {
  const path = resolve(dataDir);
  try {
    mkdirSync(path, { recursive: true });
    accessSync(path, constants.R_OK | constants.W_OK | constants.X_OK);
    return path;
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new ObservabilityError(
      'data_dir',
      `The data folder ${path} cannot be used: ${reason}. Choose one that this user can read and write.`,
      { cause },
    );
  }
}

function bad(name: string, expected: string, given: unknown): ObservabilityError {
  const shown = (JSON.stringify(given) as string | undefined) ?? typeof given;
  return new ObservabilityError('bad_option', `Bad option ${name}: expected ${expected}, got ${shown}.`);
}
