import type { HrTime, TimeInput } from '@opentelemetry/api';

/** Further apart than this, the clock of the machine was set, or it slept, which `performance` does not count. */
const MAX_DRIFT_MS = 100;

/** What is less is a time on the clock of `performance`, which starts with the page: this would be three years. */
const MIN_UNIX_MS = 1e11;

let offset = 0;

/** Reading the clock of `performance` costs several times as much as that of the world: the two are compared so often. */
const COMPARE_MS = 1_000;

let comparedMs = 0;

/** What makes Unix milliseconds of milliseconds on the clock of `performance`, as of now. */
function offsetNow(): number {
  const wall = Date.now();
  if (wall >= comparedMs && wall < comparedMs + COMPARE_MS) return offset;
  comparedMs = wall;
  const elapsed = performance.now();
  if (Math.abs(wall - offset - elapsed) > MAX_DRIFT_MS) offset = wall - elapsed;
  return offset;
}

/** Unix milliseconds with the precision of `performance`. */
export const nowMs = (): number => offsetNow() + performance.now();

/** As OpenTelemetry reads a time: seconds and nanoseconds, a Date, Unix milliseconds, or milliseconds on the clock of `performance`. */
export function toMs(time: TimeInput | undefined): number {
  if (time === undefined) return nowMs();
  if (Array.isArray(time)) return time[0] * 1e3 + time[1] / 1e6;
  if (typeof time !== 'number') return time.getTime();
  return time >= MIN_UNIX_MS ? time : offsetNow() + time;
}

export function toHrTime(ms: number): HrTime {
  const seconds = Math.floor(ms / 1e3);
  return [seconds, Math.round((ms - seconds * 1e3) * 1e6)];
}
