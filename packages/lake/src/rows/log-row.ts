import { fromTimestamp, levelOfProto } from '@unhinged/observability-core';
import type { ErrorInfo, LogEvent } from '@unhinged/observability-proto';
import { originFields, requestFields, timeFields, type EventRows } from './row.js';
import { int64, type Json } from './values.js';

/** The row of a log line. A line without a time gets the time it was seen at. */
export function logRows(event: LogEvent): EventRows {
  const { error, traceContext } = event;
  const observed = fromTimestamp(event.observedTimestamp);
  return {
    table: 'observability_logs',
    eventId: event.eventId,
    rows: [
      {
        event_id: event.eventId,
        ...timeFields(fromTimestamp(event.timestamp) || observed),
        observed_time_unix_nano: observed === 0n ? null : int64(observed),
        level: levelOfProto(event.level) ?? 'unspecified',
        severity_number: event.severityNumber,
        message: event.message,
        event_name: event.eventName,
        trace_id: traceContext?.traceId ?? '',
        span_id: traceContext?.spanId ?? '',
        ...requestFields(event),
        error_type: error?.type ?? null,
        error_message: error?.message ?? null,
        error_stack: error?.stack ?? null,
        error_causes: error && error.causes.length > 0 ? JSON.stringify(error.causes.map(cause)) : null,
        attributes: JSON.stringify(event.metadata ?? {}, finite),
        lake_rate: event.sampling?.lakeRate ?? 0,
        adjusted_count: event.sampling?.adjustedCount ?? 1,
        ...originFields(event, { name: event.scopeName, version: '' }),
      },
    ],
  };
}

const cause = ({ type, message, stack, causes }: ErrorInfo): Json => ({
  type,
  message,
  stack,
  ...(causes.length > 0 && { causes: causes.map(cause) }),
});

// A Struct can hold what JSON cannot.
const finite = (_key: string, value: unknown): unknown =>
  typeof value === 'number' && !Number.isFinite(value) ? String(value) : value;
