import {
  CDC_STREAM,
  CONSOLE,
  DATA_LAKE,
  formatFlags,
  fromTimestamp,
  levelOfProto,
  type LogView,
} from '@unhinged/observability-core';
import type { Destinations, LogEvent } from '@unhinged/observability-proto';
import { serviceOf, tierOf } from './resource-view.js';

/** One log line as the console shows it. */
export function logView(event: LogEvent): LogView {
  const { traceContext, resource, error } = event;
  const view: LogView = {
    eventId: event.eventId,
    timeNano: fromTimestamp(event.timestamp).toString(),
    level: levelOfProto(event.level) ?? 'unspecified',
    service: serviceOf(resource),
    tier: tierOf(resource),
    message: event.message,
    traceId: traceContext?.traceId ?? '',
    spanId: traceContext?.spanId ?? '',
    attributes: event.metadata ?? {},
    flags: formatFlags(flagsOf(event.destinations)),
  };
  if (error) view.error = { type: error.type, message: error.message, stack: error.stack };
  return view;
}

const flagsOf = (destinations: Destinations | undefined): number =>
  (destinations?.console === true ? CONSOLE : 0) |
  (destinations?.cdcStream === true ? CDC_STREAM : 0) |
  (destinations?.dataLake === true ? DATA_LAKE : 0);
