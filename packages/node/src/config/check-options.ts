import { Redaction, type Redact } from '@unhinged/observability-core';
import type { CreateLoggerOptions, NodeOptions, Protocol, ServiceType, Tier } from './options.js';
import type { Report } from './read-env.js';

export const PROTOCOLS: readonly Protocol[] = ['grpc', 'http/protobuf', 'http/json'];
const TIERS: readonly Tier[] = ['gateway', 'backend'];
const SERVICE_TYPES: readonly ServiceType[] = ['frontend', 'gateway', 'backend', 'critical'];

type Rule = readonly [expected: string, accepts: (value: unknown) => boolean];

const nonEmpty: Rule = ['a non-empty string', (value) => typeof value === 'string' && value.trim() !== ''];
const boolean: Rule = ['true or false', (value) => typeof value === 'boolean'];
const member = (allowed: readonly string[]): Rule => [
  `one of ${allowed.join(', ')}`,
  (value) => typeof value === 'string' && allowed.includes(value),
];
const record = (expected: string, types: readonly string[]): Rule => [
  expected,
  (value) => isObject(value) && Object.values(value).every((each) => types.includes(typeof each)),
];

const redact: Rule = ['an array of paths, { paths, defaults, censor } or false', isRedact];

const NODE_RULES: Record<keyof NodeOptions, Rule> = {
  service: nonEmpty,
  version: nonEmpty,
  environment: nonEmpty,
  tier: member(TIERS),
  serviceType: member(SERVICE_TYPES),
  protocol: member(PROTOCOLS),
  endpoint: ['an address such as http://localhost:4317', isEndpoint],
  headers: record('an object of strings', ['string']),
  attributes: record('an object of strings, numbers and booleans', ['string', 'number', 'boolean']),
  traces: boolean,
  metrics: boolean,
  logs: boolean,
  instrumentations: [
    'true, false or an object by instrumentation name',
    (value) => typeof value === 'boolean' || isObject(value),
  ],
  ignorePaths: [
    'an array of strings',
    (value) => Array.isArray(value) && value.every((each) => typeof each === 'string'),
  ],
  metricIntervalMs: [
    'a whole number of at least 1',
    (value) => typeof value === 'number' && Number.isSafeInteger(value) && value >= 1,
  ],
  policy: ['a policy or the path of its file', (value) => isObject(value) || nonEmpty[1](value)],
  redact,
  handleExit: boolean,
  spoolDir: nonEmpty,
};

const LOGGER_RULES: Record<keyof CreateLoggerOptions, Rule> = {
  service: nonEmpty,
  flags: ['a string such as CDL', (value) => typeof value === 'string'],
  environment: nonEmpty,
  lakeRate: ['a number from 0 to 1', (value) => typeof value === 'number' && value >= 0 && value <= 1],
  redact,
  events: [
    'an EventEmitter of @unhinged/events',
    (value) => isObject(value) && typeof value['emit'] === 'function' && isObject(value['sequence']),
  ],
};

/**
 * The options that make sense, in a fresh object. Each other one is reported by name with what was expected and given, and left out.
 * Takes anything at all, also from plain JavaScript, and never throws: a getter that throws is a problem like any other.
 */
export function checkOptions(options: unknown, report: Report): NodeOptions {
  return check(options, NODE_RULES, report);
}

/** The same for `createLogger`. */
export function checkLoggerOptions(options: unknown, report: Report): CreateLoggerOptions {
  return check(options, LOGGER_RULES, report);
}

function check(
  options: unknown,
  rules: Readonly<Record<string, Rule>>,
  report: Report,
): Record<string, unknown> {
  if (options === undefined) return {};
  if (!isObject(options)) {
    report(`options must be an object, got ${show(options)}; using the defaults`);
    return {};
  }
  const good: Record<string, unknown> = {};
  for (const name of Object.keys(options)) {
    const rule = Object.hasOwn(rules, name) ? rules[name] : undefined;
    if (rule === undefined) {
      report(`unknown option '${name}'; the options are ${Object.keys(rules).join(', ')}`);
      continue;
    }
    try {
      const value = options[name];
      if (value === undefined) continue;
      if (rule[1](value)) good[name] = value;
      else report(`option '${name}' must be ${rule[0]}, got ${show(value)}; ignored`);
    } catch (error) {
      report(`option '${name}' could not be read (${show(error)}); ignored`);
    }
  }
  return good;
}

/** `http(s)://host[:port]…`, `unix:path`, or `host:port` as gRPC has it. */
export function isEndpoint(value: unknown): boolean {
  if (typeof value !== 'string') return false;
  if (/^[\w.-]+:\d{1,5}$/.test(value)) return true;
  try {
    return ['http:', 'https:', 'unix:'].includes(new URL(value).protocol);
  } catch {
    return false;
  }
}

function isRedact(value: unknown): boolean {
  if (value === false) return true;
  if (!Array.isArray(value)) {
    if (!isObject(value)) return false;
    const { paths = [], defaults = true, censor = () => null } = value;
    if (!Array.isArray(paths) || typeof defaults !== 'boolean' || typeof censor !== 'function') return false;
  }
  // Throws, with what is wrong with it, for a bad path.
  return new Redaction(value as Redact) instanceof Redaction;
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function show(value: unknown): string {
  try {
    const shown = typeof value === 'string' ? `'${value}'` : String(value);
    return shown.length > 100 ? `${shown.slice(0, 100)}…` : shown;
  } catch {
    return typeof value;
  }
}
