const DAY_NANO = 86_400_000_000_000n;

/**
 * The first of the times given that can be when something happened: set, and at most a day ahead of this clock. Else the time of
 * receipt. A clock that is years ahead would otherwise drive every watermark behind it, and fill partitions of its own.
 *
 * @param times Unix nanoseconds, best first.
 */
export function eventTime(times: readonly bigint[], nowNano: bigint): { nano: bigint; replaced: boolean } {
  const latest = nowNano + DAY_NANO;
  const plausible = times.find((nano) => nano > 0n && nano <= latest);
  return plausible === undefined ? { nano: nowNano, replaced: true } : { nano: plausible, replaced: false };
}

export const epochMs = (nano: bigint): number => Number(nano / 1_000_000n);
