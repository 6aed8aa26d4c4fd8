import { ObservabilityError } from './errors.js';
import { DEFAULT_LAKE_RATE } from './lake-routing.js';

/** The one configuration file of the system, the same for every language. Durations are seconds and may be fractions. */
export interface Policy {
  readonly version: 1;
  readonly lake: {
    /** Share of ordinary log lines with the L flag that reach the lake, 0 to 1. Default 0.1. */
    readonly rate: number;
  };
  readonly alerts: {
    readonly errorSpike: ErrorSpikePolicy;
  };
  readonly windows: WindowPolicy;
}

/** Fires when the error ratio of a service is above `ratio` and above `baselineFactor` times its baseline. */
export interface ErrorSpikePolicy {
  readonly enabled: boolean;
  /** Above 0, at most 1. Default 0.05. */
  readonly ratio: number;
  /** 0 compares with no baseline. Default 3. */
  readonly baselineFactor: number;
  /** Requests a window must have to be judged, 1 or more. Default 20. */
  readonly minRequests: number;
  /** How long the condition must hold before pending becomes firing. Default 10. */
  readonly forSeconds: number;
  /** How long it must be over before firing becomes resolved. Default 30. */
  readonly resolveSeconds: number;
}

export interface WindowPolicy {
  /** Length of a window of event time, above 0. Default 10. */
  readonly sizeSeconds: number;
  /** How far the watermark stays behind the newest event. Default 10. */
  readonly watermarkSeconds: number;
  /** How long after the watermark a late event still counts. Default 60. */
  readonly latenessSeconds: number;
}

/**
 * Reads a policy, filling in what is missing.
 *
 * @throws ObservabilityError `bad_policy` for an unknown key or a senseless value, naming its path, for example
 * `alerts.errorSpike.ratio: expected a number above 0 and at most 1, got 7`.
 */
export function parsePolicy(json: unknown): Policy {
  const top = section(json, '', ['version', 'lake', 'alerts', 'windows']);
  const lake = section(top['lake'], 'lake', ['rate']);
  const alerts = section(top['alerts'], 'alerts', ['errorSpike']);
  const spikePath = 'alerts.errorSpike';
  const spike = section(alerts['errorSpike'], spikePath, [
    'enabled',
    'ratio',
    'baselineFactor',
    'minRequests',
    'forSeconds',
    'resolveSeconds',
  ]);
  const windows = section(top['windows'], 'windows', ['sizeSeconds', 'watermarkSeconds', 'latenessSeconds']);
  const version = field<1>(top, '', 'version', 1, 'the number 1', (value) => value === 1);
  const seconds = (of: Section, path: string, key: string, fallback: number) =>
    field(
      of,
      path,
      key,
      fallback,
      'a number of seconds, 0 or more',
      (value) => isNumber(value) && value >= 0,
    );
  return deepFreeze<Policy>({
    version,
    lake: {
      rate: field(
        lake,
        'lake',
        'rate',
        DEFAULT_LAKE_RATE,
        'a number from 0 to 1',
        (value) => isNumber(value) && value >= 0 && value <= 1,
      ),
    },
    alerts: {
      errorSpike: {
        enabled: field(
          spike,
          spikePath,
          'enabled',
          true,
          'true or false',
          (value) => typeof value === 'boolean',
        ),
        ratio: field(
          spike,
          spikePath,
          'ratio',
          0.05,
          'a number above 0 and at most 1',
          (value) => isNumber(value) && value > 0 && value <= 1,
        ),
        baselineFactor: field(
          spike,
          spikePath,
          'baselineFactor',
          3,
          'a number, 0 or more',
          (value) => isNumber(value) && value >= 0,
        ),
        minRequests: field(
          spike,
          spikePath,
          'minRequests',
          20,
          'a whole number, 1 or more',
          (value) => Number.isSafeInteger(value) && (value as number) >= 1,
        ),
        forSeconds: seconds(spike, spikePath, 'forSeconds', 10),
        resolveSeconds: seconds(spike, spikePath, 'resolveSeconds', 30),
      },
    },
    windows: {
      sizeSeconds: field(
        windows,
        'windows',
        'sizeSeconds',
        10,
        'a number of seconds above 0',
        (value) => isNumber(value) && value > 0,
      ),
      watermarkSeconds: seconds(windows, 'windows', 'watermarkSeconds', 10),
      latenessSeconds: seconds(windows, 'windows', 'latenessSeconds', 60),
    },
  });
}

type Section = Readonly<Record<string, unknown>>;

function section(value: unknown, path: string, keys: readonly string[]): Section {
  if (value === undefined && path !== '') return {};
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    throw bad(path, `expected an object, got ${shown(value)}`);
  }
  for (const key of Object.keys(value)) {
    if (!keys.includes(key)) throw bad(join(path, key), `unknown key; known here: ${keys.join(', ')}`);
  }
  return value as Section;
}

function field<T>(
  of: Section,
  path: string,
  key: string,
  fallback: T,
  expected: string,
  isGood: (value: unknown) => boolean,
): T {
  const value = Object.hasOwn(of, key) ? of[key] : undefined;
  if (value === undefined) return fallback;
  if (!isGood(value)) throw bad(join(path, key), `expected ${expected}, got ${shown(value)}`);
  return value as T;
}

const isNumber = (value: unknown): value is number => typeof value === 'number' && Number.isFinite(value);

const join = (path: string, key: string): string => (path === '' ? key : `${path}.${key}`);

const bad = (path: string, what: string) =>
  new ObservabilityError('bad_policy', `${path === '' ? 'policy' : path}: ${what}`);

function shown(value: unknown): string {
  if (value === undefined) return 'nothing';
  const text = typeof value === 'number' ? String(value) : JSON.stringify(value);
  return text.length > 60 ? `${text.slice(0, 60)}…` : text;
}

function deepFreeze<T extends object>(value: T): T {
  for (const part of Object.values(value))
    if (typeof part === 'object' && part !== null) deepFreeze(part as object);
  return Object.freeze(value);
}

export const defaultPolicy: Policy = parsePolicy({});
