import { ObservabilityError, parseLevelFlags } from '@unhinged/observability-core';
import type { StoreLimits } from './delivery/stored-batches.js';
import { isInstrumentation, type OtelInstrumentation } from './instrument/otel-instrumentation.js';
import type { RedactAttributes } from './privacy/redact-hook.js';
import { withoutValues } from './privacy/shown-url.js';
import { isSessionId } from './session/session-state.js';

export interface StartWebOptions {
  /** Name of the front end, `service.name` of everything it sends. */
  service: string;
  /** Base address of an OTLP/HTTP receiver. Default `http://localhost:4318`. */
  endpoint?: string;
  /** `deployment.environment.name`; decides the default flags of loggers. Default `development`. */
  environment?: string;
  /** `service.version`. */
  version?: string;
  /**
   * Where requests carry the trace header `traceparent` beside the page's own origin: addresses that a URL begins with
   * (`https://api.example.com`, `https://example.com/api`), or patterns for the whole URL. The server there must allow the
   * header (CORS). Default none.
   */
  propagateTo?: readonly (string | RegExp)[];
  /** Requests and sockets that are not traced, written like `propagateTo`. Our own exports never are. Default none. */
  ignore?: readonly (string | RegExp)[];
  /**
   * Instrumentations of `@opentelemetry/instrumentation` to run with the page's providers, for example one that OpenTelemetry's
   * registry offers. Default none.
   */
  instrumentations?: readonly OtelInstrumentation[];
  /** More resource attributes. */
  attributes?: Readonly<Record<string, string | number | boolean>>;
  /** Destination flags of loggers that are given none, for example `CDL`. Default by environment. */
  flags?: string;
  /** Share of ordinary log lines with the L flag that go to the lake, 0 to 1. Default 0.1. */
  lakeRate?: number;
  /** How often metrics are sent, in milliseconds. Default 10,000. */
  metricIntervalMs?: number;
  /**
   * What may wait on the user's disk (IndexedDB) while the receiver cannot be reached; false: nothing, it waits in memory then. Default
   * 5 MiB, 1,000 requests, 24 hours.
   */
  offlineQueue?: false | Partial<StoreLimits>;
  /**
   * Share of sessions that are kept, 0 to 1, all signals alike; sessions with an error are always kept. Default 1 in the
   * environments development and test, 0.01 in others (there traces that begin with a user action: 0.05).
   */
  sampleRate?: number;
  /**
   * Send the metrics of every session, so that sums and rates are those of all users, at the cost of their traffic. Default false:
   * metrics come from the sessions that are kept, as everything else.
   */
  metricsOfAll?: boolean;
  /**
   * Id of a session that somebody else manages, 32 hex digits: a worker or a frame takes that of its page (`sdk.sessionId()`).
   * Default: the session of the origin's tabs.
   */
  sessionId?: string;
  /**
   * What may be sent of a URL. Default: query and fragment without values (`?q=REDACTED`), no user and password. Where it throws, the
   * default is used.
   */
  redactUrl?: (url: string) => string;
  /** What may be sent of the attributes of a span, a span event or a log line. Default everything. */
  redactAttributes?: RedactAttributes;
  /** Record and send nothing for users whose browser says Do Not Track or Global Privacy Control. Default false. */
  respectDoNotTrack?: boolean;
}

/** Options with everything present and sensible. */
export interface WebSettings {
  service: string;
  /** Without a slash at the end. */
  endpoint: string;
  environment: string;
  version: string | undefined;
  propagateTo: RegExp[];
  ignore: RegExp[];
  instrumentations: readonly OtelInstrumentation[];
  attributes: Record<string, string | number | boolean>;
  flags: string | undefined;
  lakeRate: number | undefined;
  metricIntervalMs: number;
  /** Null: nothing on disk. */
  offlineQueue: StoreLimits | null;
  sampleRate: number;
  /** Of traces that begin with a user action; at least `sampleRate`. */
  actionSampleRate: number;
  metricsOfAll: boolean;
  sessionId: string | undefined;
  redactUrl: (url: string) => string;
  redactAttributes: RedactAttributes | undefined;
  respectDoNotTrack: boolean;
}

/** The owner's table, row frontend: all sessions, and traces of user actions. */
const SAMPLE_RATE = 0.01;
const ACTION_SAMPLE_RATE = 0.05;

const QUEUE: StoreLimits = { maxBytes: 5_242_880, maxBatches: 1_000, maxAgeMs: 86_400_000 };

export const DEFAULT_ENDPOINT = 'http://localhost:4318';

/**
 * Options as they will be used. A wrong one never stops the page: it is reported, with its name, what was expected and what
 * was given, and its default is used.
 */
export function resolveOptions(options: unknown, report: (problem: string) => void): WebSettings {
  const given: Record<string, unknown> = isObject(options) ? (options as Record<string, unknown>) : {};
  const pick = <T>(key: string, fallback: T, expected: string, isGood: (value: unknown) => boolean): T => {
    const value = given[key];
    if (value === undefined) return fallback;
    if (isGood(value)) return value as T;
    report(`option "${key}": expected ${expected}, got ${shown(value)}; using ${shown(fallback)}`);
    return fallback;
  };
  const patterns = (key: 'propagateTo' | 'ignore') =>
    pick<unknown[]>(key, [], 'an array', Array.isArray).flatMap((item) => {
      const pattern = originPattern(item);
      if (!pattern)
        report(`option "${key}": expected http addresses or patterns, got ${shown(item)}; ignored`);
      return pattern ?? [];
    });
  if (given['service'] === undefined) report('option "service" is missing: give the name of your front end');
  const environment = pick<string>('environment', 'development', 'a name', isName);
  const keepsAll = environment === 'development' || environment === 'test';
  const sampleRate = pick('sampleRate', keepsAll ? 1 : SAMPLE_RATE, SHARE, isShare);
  const endpoint = pick(
    'endpoint',
    DEFAULT_ENDPOINT,
    'an http or https address',
    (value) => address(value) !== undefined,
  );
  const offlineQueue = pick<StartWebOptions['offlineQueue']>(
    'offlineQueue',
    QUEUE,
    'false, or an object of limits',
    isQueue,
  );
  const settings: WebSettings = {
    service: pick<string>('service', 'unknown_service', 'a name', isName),
    endpoint: address(endpoint) ?? endpoint,
    environment,
    version: pick<string | undefined>('version', undefined, 'a text', isName),
    propagateTo: patterns('propagateTo'),
    ignore: patterns('ignore'),
    instrumentations: pick<OtelInstrumentation[]>(
      'instrumentations',
      [],
      'an array of instrumentations',
      (value) => Array.isArray(value) && value.every(isInstrumentation),
    ),
    attributes: { ...pick('attributes', {}, 'an object of texts, numbers and booleans', isPlain) },
    flags: flagsOf(given['flags'], report),
    lakeRate: pick<number | undefined>('lakeRate', undefined, SHARE, isShare),
    metricIntervalMs: pick(
      'metricIntervalMs',
      10_000,
      'milliseconds, 100 or more',
      (value) => typeof value === 'number' && value >= 100 && Number.isFinite(value),
    ),
    offlineQueue: offlineQueue ? { ...QUEUE, ...offlineQueue } : null,
    sampleRate,
    // A rate that was given is the rate of everything.
    actionSampleRate:
      given['sampleRate'] === undefined ? Math.max(sampleRate, ACTION_SAMPLE_RATE) : sampleRate,
    metricsOfAll: pick('metricsOfAll', false, FLAG, isFlag),
    sessionId: pick<string | undefined>('sessionId', undefined, '32 lowercase hex digits', isSessionId),
    redactUrl: urlRedaction(pick('redactUrl', withoutValues, 'a function', isFunction)),
    redactAttributes: pick<RedactAttributes | undefined>(
      'redactAttributes',
      undefined,
      'a function',
      isFunction,
    ),
    respectDoNotTrack: pick('respectDoNotTrack', false, FLAG, isFlag),
  };
  for (const key of Object.keys(given)) {
    if (!(key in settings))
      report(`unknown option "${key}"; options are ${Object.keys(settings).join(', ')}`);
  }
  return settings;
}

/** Flags when they can be read; reported and undefined otherwise. */
export function flagsOf(value: unknown, report: (problem: string) => void): string | undefined {
  if (value === undefined) return undefined;
  try {
    if (typeof value !== 'string')
      throw new ObservabilityError('bad_flags', `expected a text, got ${shown(value)}`);
    parseLevelFlags(value);
    return value;
  } catch (error) {
    report(`option "flags": ${error instanceof Error ? error.message : String(error)} Using the default.`);
    return undefined;
  }
}

/**
 * A pattern for the URLs that begin with an address. The address must end where a part of the URL does, or
 * `https://api.example.com` would also trust `https://api.example.com.evil.net`.
 */
export function originPattern(item: unknown): RegExp | undefined {
  // Without g and y, with which a pattern remembers where it was.
  if (item instanceof RegExp) return new RegExp(item.source, item.flags.replace(/[gy]/g, ''));
  const href = address(item);
  return href === undefined ? undefined : new RegExp(`^${escapePattern(href)}(?=$|[/?#])`);
}

export const escapePattern = (literal: string): string => literal.replace(/[.*+?^${}()|[\]\\/]/g, '\\$&');

function urlRedaction(hook: (url: string) => unknown): (url: string) => string {
  return (url) => {
    try {
      return String(hook(url));
    } catch {
      return withoutValues(url);
    }
  };
}

const FLAG = 'true or false';
const SHARE = 'a number from 0 to 1';

const isFlag = (value: unknown): boolean => typeof value === 'boolean';
const isFunction = (value: unknown): boolean => typeof value === 'function';
const isName = (value: unknown): boolean => typeof value === 'string' && value.trim() !== '';
const isShare = (value: unknown): boolean => typeof value === 'number' && value >= 0 && value <= 1;
const isObject = (value: unknown): value is object => typeof value === 'object' && value !== null;

const isPlain = (value: unknown): boolean =>
  isObject(value) &&
  !Array.isArray(value) &&
  Object.values(value).every((item) => ['string', 'number', 'boolean'].includes(typeof item));

/** Limits are positive numbers. */
const isQueue = (value: unknown): boolean =>
  value === false ||
  (isObject(value) &&
    Object.entries(value).every(([key, limit]) => key in QUEUE && typeof limit === 'number' && limit > 0));

/** Normalised by the URL parser, so that case and default ports do not matter; without query and final slash. */
function address(value: unknown): string | undefined {
  if (typeof value !== 'string' || !/^https?:\/\//i.test(value)) return undefined;
  try {
    const url = new URL(value);
    return (url.origin + url.pathname).replace(/\/+$/, '');
  } catch {
    return undefined;
  }
}

function shown(value: unknown): string {
  try {
    return typeof value === 'function' || value === undefined ? typeof value : JSON.stringify(value);
  } catch {
    return typeof value;
  }
}
