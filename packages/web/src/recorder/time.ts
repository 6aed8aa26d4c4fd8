import type { HrTime, TimeInput } from '@opentelemetry/api';

/** Further apart than this, the clock of the machine was set, or it slept, which `performance` does not count. */
const MAX_DRIFT_MS = 100;

/** What is less is a time on the clock of `performance`, which starts with the page: this would be three years. */
const MIN_UNIX_MS = 1e11;

let offset = 0;

/** Unix milliseconds with the precision of `performance`. */
export function nowMs(): number {
  const elapsed = performance.now();
  const wall = Date.now();
  if (Math.abs(wall - offset - elapsed) > MAX_DRIFT_MS) offset = wall - elapsed;
  return offset + elapsed;
}

/** As OpenTelemetry reads a time: seconds and nanoseconds, a Date, Unix milliseconds, or milliseconds on the clock of `performance`. */
export function toMs(time: TimeInput | undefined): number {
  if (time === undefined) return nowMs();
  if (Array.isArray(time)) return time[0] * 1e3 + time[1] / 1e6;
  if (typeof time !== 'number') return time.getTime();
  if (time >= MIN_UNIX_MS) return time;
  // For the offset of now.
  nowMs();
  return offset + time;
}

export function toHrTime(ms: number): HrTime {
  const seconds = Math.floor(ms / 1e3);
  return [seconds, Math.round((ms - seconds * 1e3) * 1e6)];
}
