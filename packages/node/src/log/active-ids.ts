import { INVALID_TRACEID, trace, TraceFlags, type SpanContext } from '@opentelemetry/api';
import type { TraceIds } from '@unhinged/observability-core';
import { activeRequestIds } from '../request/request-ids.js';

let last: SpanContext | undefined;

/** Ids of the active span and of the request being handled. */
export function activeIds(): TraceIds | undefined {
  const active = trace.getActiveSpan()?.spanContext();
  // Where no traces are recorded spans have an id of zeros.
  const span = active?.traceId === INVALID_TRACEID ? undefined : active;
  const request = activeRequestIds();
  last = span;
  if (span === undefined) return request;
  if (request === undefined) return { traceId: span.traceId, spanId: span.spanId };
  return { ...request, traceId: span.traceId, spanId: span.spanId };
}

/** The span of a line, as a record carries it. Its flags are known when it is the one that was active just now. */
export function spanContextOf({ traceId, spanId }: TraceIds): SpanContext | undefined {
  if (traceId === undefined || spanId === undefined) return undefined;
  if (last?.spanId === spanId && last.traceId === traceId) return last;
  return { traceId, spanId, traceFlags: TraceFlags.NONE };
}
