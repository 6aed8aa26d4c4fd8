import type { LogLevel as ProtoLogLevel } from '@unhinged/observability-proto';

/** From least to most severe. */
export const LOG_LEVELS = ['trace', 'debug', 'info', 'warn', 'error', 'fatal'] as const;
export type LogLevel = (typeof LOG_LEVELS)[number];

const rank: Readonly<Record<LogLevel, number>> = { trace: 0, debug: 1, info: 2, warn: 3, error: 4, fatal: 5 };

/** First OpenTelemetry severity number of the level: 1, 5, 9, 13, 17, 21 (Logs Data Model, "Displaying Severity"). */
export function severityNumber(level: LogLevel): number {
  return 1 + 4 * rank[level];
}

/** Level whose range of four holds the severity number; `info` when the number is 0 (unknown) or outside 1 to 24. */
export function levelOfSeverity(number: number): LogLevel {
  return LOG_LEVELS[Math.floor((number - 1) / 4)] ?? 'info';
}

/** Level named by text, in any case; also `warning`, `err`, `critical`. Undefined when it names none. */
export function levelOfText(text: string): LogLevel | undefined {
  const name = text.trim().toLowerCase();
  if (name === 'warning') return 'warn';
  if (name === 'err') return 'error';
  if (name === 'critical') return 'fatal';
  return LOG_LEVELS.find((level) => level === name);
}

/** Number of the level in the `LogLevel` enum of the wire format: 1 to 6. */
export function protoLevel(level: LogLevel): ProtoLogLevel {
  return (rank[level] + 1) as ProtoLogLevel;
}

/** Level of a number of the `LogLevel` enum; undefined for 0 (unspecified) and for numbers this version does not know. */
export function levelOfProto(level: ProtoLogLevel): LogLevel | undefined {
  return LOG_LEVELS[level - 1];
}
