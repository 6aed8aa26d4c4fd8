import { randomnessOf, thresholdOf } from './sampling/threshold.js';
import type { LogLevel } from './severity.js';

/** Share of ordinary lines that go to the lake. */
export const DEFAULT_LAKE_RATE = 0.1;

export interface LakeDecision {
  readonly keep: boolean;
  /** Share of lines like this one that are kept, 0 to 1: a kept line stands for 1 / rate lines. */
  readonly rate: number;
}

/**
 * Whether a line with the L flag goes to the lake. Kept always: error and fatal, services with `analytics` in their name,
 * category `audit`. Of the others `rate`, decided by trace id so that the lines of one trace stand or fall together and a
 * lower rate keeps a subset of a higher one; without a usable trace id by a random draw.
 */
export function lakeDecision(of: {
  level: LogLevel;
  service: string;
  category?: string | undefined;
  traceId?: string | undefined;
  /** 0 to 1, default 0.1; anything else counts as the nearest of the two, NaN as 1. */
  rate?: number | undefined;
  /** A number in [0, 1), for lines without a trace id. Default `Math.random`. */
  random?: (() => number) | undefined;
}): LakeDecision {
  if (of.level === 'error' || of.level === 'fatal' || of.category === 'audit' || isAnalytics(of.service)) {
    return decision(true, 1);
  }
  const wanted = of.rate ?? DEFAULT_LAKE_RATE;
  const rate = wanted >= 0 ? Math.min(wanted, 1) : wanted < 0 ? 0 : 1;
  const keep =
    of.traceId !== undefined && (of.traceId === last.traceId || isTraceId(of.traceId))
      ? traceIdPasses(of.traceId, rate)
      : (of.random ?? Math.random)() < rate;
  return decision(keep, rate);
}

// One object for all lines that are decided alike: this runs for each.
let lastDecision: LakeDecision = { keep: true, rate: 1 };

function decision(keep: boolean, rate: number): LakeDecision {
  if (keep !== lastDecision.keep || rate !== lastDecision.rate) lastDecision = { keep, rate };
  return lastDecision;
}

// A process has one service, or few.
let service = { name: '', isAnalytics: false };

function isAnalytics(name: string): boolean {
  if (name !== service.name) service = { name, isAnalytics: name.includes('analytics') };
  return service.isAnalytics;
}

// The lines of a trace come one after the other.
let last: { traceId: string | undefined; rate: number; passes: boolean } = {
  traceId: undefined,
  rate: 0,
  passes: false,
};

/** OpenTelemetry's consistent decision: see `sampling/threshold.ts`. */
export function traceIdPasses(traceId: string, rate: number): boolean {
  if (traceId !== last.traceId || rate !== last.rate)
    last = { traceId, rate, passes: randomnessOf(traceId) >= thresholdOf(rate) };
  return last.passes;
}

/** 32 hex digits, not all zero. */
const isTraceId = (id: string): boolean => /^(?!0{32})[0-9a-f]{32}$/i.test(id);
