import { ObservabilityError } from '@unhinged/observability-core';
import { LogEvent, MetricEvent, TraceEvent } from '@unhinged/observability-proto';
import { logRows } from './log-row.js';
import { metricRows } from './metric-row.js';
import type { EventRows } from './row.js';
import { traceRows } from './trace-row.js';

/** Why an input leaves no row. */
export type SkipReason =
  /** Its destinations do not include the data lake. */
  | 'not_for_lake'
  /** Alerts have no table. */
  | 'alert'
  /** An OTLP export request as the Collector's Kafka exporter writes it. */
  | 'otlp_batch'
  | 'unknown_type'
  | 'undecodable'
  /** No span, or no metric with points, inside. */
  | 'empty_event'
  /** Before 1970 or after 2262. */
  | 'bad_time'
  /** A row beyond 16 MiB. */
  | 'too_large'
  /** The same event id twice between two commits. */
  | 'duplicate_event'
  /** A sequence at or below one that was appended before. */
  | 'already_seen'
  /** DuckDB could not read the row. */
  | 'rejected';

/** Rows of one record's value, or why there are none. Never throws. */
export function eventRows(eventType: string, value: Uint8Array): EventRows | SkipReason {
  try {
    switch (eventType) {
      case 'log_entry': {
        const event = LogEvent.decode(value);
        return event.destinations?.dataLake === true ? logRows(event) : 'not_for_lake';
      }
      case 'span': {
        const event = TraceEvent.decode(value);
        return event.destinations?.dataLake === true ? (traceRows(event) ?? 'empty_event') : 'not_for_lake';
      }
      case 'metric': {
        const event = MetricEvent.decode(value);
        return event.destinations?.dataLake === true ? (metricRows(event) ?? 'empty_event') : 'not_for_lake';
      }
      case 'alert':
        return 'alert';
      case '':
        return 'otlp_batch';
      default:
        return 'unknown_type';
    }
  } catch (error) {
    return error instanceof ObservabilityError && error.code === 'bad_time' ? 'bad_time' : 'undecodable';
  }
}
