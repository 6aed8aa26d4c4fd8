/** First and longest pause between two attempts. At most two a second; two failures in a row at a broker that has just come back cost 6 s. */
const PAUSE_MS = 1_000;
const LONGEST_PAUSE_MS = 3_000;

/**
 * Milliseconds to wait after `failures` failed attempts in a row, 1 or more. Exponential with equal jitter: between half and all of the
 * step, so that a fleet does not return in one moment.
 */
export function backoffMs(failures: number, random: () => number = Math.random): number {
  const step = Math.min(PAUSE_MS * 2 ** Math.min(failures - 1, 10), LONGEST_PAUSE_MS);
  return step / 2 + (step / 2) * random();
}
