import type { TraceSummary } from '@unhinged/observability-core';
import { withQuery } from '../../api/client.js';
import type { ListKind } from '../../live/held-list.js';

export interface TraceFilter {
  service: string;
  text: string;
  errorsOnly: boolean;
  minMs: number;
}
export type TraceOrder = 'newest' | 'longest';

export const TRACE_LIMIT = 1_000;

export function tracesPath({ service, text, errorsOnly, minMs }: TraceFilter): string {
  return withQuery('api/traces', {
    service,
    q: text.trim(),
    errors: errorsOnly,
    minMs: minMs > 0 ? minMs : undefined,
    limit: TRACE_LIMIT,
  });
}

/** Whether an arriving trace belongs into the list. The text is left to the server, which sees all spans. */
export function traceMatches(trace: TraceSummary, { service, errorsOnly, minMs }: TraceFilter): boolean {
  return (
    (service === '' || trace.services.includes(service)) &&
    (!errorsOnly || trace.errors > 0) &&
    trace.durationMs >= minMs
  );
}

/** How a list of traces is kept: `newest` first, or `longest` first. */
export const TRACE_KINDS: Record<TraceOrder, ListKind<TraceSummary>> = {
  newest: {
    keyOf: (trace) => trace.traceId,
    compare: (left, right) => right.startMs - left.startMs || left.traceId.localeCompare(right.traceId),
    limit: TRACE_LIMIT,
    oldest: 'last',
  },
  longest: {
    keyOf: (trace) => trace.traceId,
    compare: (left, right) => right.durationMs - left.durationMs || right.startMs - left.startMs,
    limit: TRACE_LIMIT,
    oldest: 'last',
  },
};
