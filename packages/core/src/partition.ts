import type { PartitionInfo } from '@unhinged/observability-proto';
import { ObservabilityError } from './errors.js';
import type { LogLevel } from './severity.js';

const HOUR_MS = 3_600_000;
/** 9999-12-31T23:59:59.999Z: the last moment whose date has four digits of year. */
const LAST_MS = 253_402_300_799_999;

/**
 * Lake partitions of an event, in UTC: date `YYYY-MM-DD`, hour `00` to `23`, service, and level for a log event.
 *
 * @throws ObservabilityError `bad_time` for any other time.
 */
export function partitionInfo(of: {
  /** Event time in Unix milliseconds, years 1970 to 9999. */
  epochMs: number;
  service: string;
  level?: LogLevel | undefined;
  custom?: Record<string, string> | undefined;
}): PartitionInfo {
  const hour = hourOf(of.epochMs);
  return {
    datePartition: hour.date,
    hourPartition: hour.hour,
    servicePartition: of.service,
    levelPartition: of.level ?? '',
    customPartitions: of.custom ?? {},
  };
}

// Almost every event falls into the hour of the event before it; formatting a date costs a microsecond.
let cached = { start: Number.NaN, date: '', hour: '' };

function hourOf(epochMs: number): { date: string; hour: string } {
  const start = Math.floor(epochMs / HOUR_MS) * HOUR_MS;
  if (start === cached.start) return cached;
  if (!(epochMs >= 0 && epochMs <= LAST_MS)) {
    throw new ObservabilityError(
      'bad_time',
      `No partition for the time ${epochMs}: expected Unix milliseconds from 0 to ${LAST_MS}.`,
    );
  }
  const iso = new Date(start).toISOString();
  cached = { start, date: iso.slice(0, 10), hour: iso.slice(11, 13) };
  return cached;
}
