import { DEFAULT_LAKE_RATE } from './lake-routing.js';
import { Fields, isNumber } from './policy-fields.js';
import { readSamplingPolicy, type SamplingPolicy } from './sampling/policy.js';

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
  readonly sampling: SamplingPolicy;
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
  const top = Fields.top(json, ['$schema', 'version', 'lake', 'alerts', 'windows', 'sampling']);
  const lake = top.section('lake', ['rate']);
  return deepFreeze<Policy>({
    version: top.value<1>('version', 1, 'the number 1', (value) => value === 1),
    lake: { rate: lake.share('rate', DEFAULT_LAKE_RATE) },
    alerts: { errorSpike: readErrorSpike(top.section('alerts', ['errorSpike'])) },
    windows: readWindows(top),
    sampling: readSamplingPolicy(top),
  });
}

function readErrorSpike(alerts: Fields): ErrorSpikePolicy {
  const keys = ['enabled', 'ratio', 'baselineFactor', 'minRequests', 'forSeconds', 'resolveSeconds'];
  const spike = alerts.section('errorSpike', keys);
  const isRatio = (value: unknown) => isNumber(value) && value > 0 && value <= 1;
  return {
    enabled: spike.value('enabled', true, 'true or false', (value) => typeof value === 'boolean'),
    ratio: spike.value('ratio', 0.05, 'a number above 0 and at most 1', isRatio),
    baselineFactor: spike.number('baselineFactor', 3, 0),
    minRequests: spike.whole('minRequests', 20, 1),
    forSeconds: seconds(spike, 'forSeconds', 10),
    resolveSeconds: seconds(spike, 'resolveSeconds', 30),
  };
}

function readWindows(top: Fields): WindowPolicy {
  const windows = top.section('windows', ['sizeSeconds', 'watermarkSeconds', 'latenessSeconds']);
  const isSize = (value: unknown) => isNumber(value) && value > 0;
  return {
    sizeSeconds: windows.value('sizeSeconds', 10, 'a number of seconds above 0', isSize),
    watermarkSeconds: seconds(windows, 'watermarkSeconds', 10),
    latenessSeconds: seconds(windows, 'latenessSeconds', 60),
  };
}

const seconds = (of: Fields, key: string, fallback: number): number =>
  of.number(key, fallback, 0, 'a number of seconds, 0 or more');

function deepFreeze<T extends object>(value: T): T {
  for (const part of Object.values(value))
    if (typeof part === 'object' && part !== null) deepFreeze(part as object);
  return Object.freeze(value);
}

export const defaultPolicy: Policy = parsePolicy({});
