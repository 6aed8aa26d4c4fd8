import type { SpanContext } from '@opentelemetry/api';

/** Response header of W3C Trace Context level 2 (https://www.w3.org/TR/trace-context-2/, appendix on `traceresponse`). */
export const TRACERESPONSE = 'traceresponse';

/** `00-<trace id>-<span id>-01`: this tier keeps its part of the trace, so keep yours. */
export function keepResponse({ traceId, spanId }: SpanContext): string {
  return `00-${traceId}-${spanId}-01`;
}

/** The same where the span is not at hand: fields of this header may be left out. */
export function keepTrailer(traceId: string): string {
  return `00-${traceId}--01`;
}

/**
 * Does the header ask the caller to keep `traceId`? Every field after the version may be left out in this header; a trace id
 * that is there must be the caller's, for a proxy may answer from another trace (a cache, say). Versions after 00 may have
 * further fields.
 */
export function asksToKeep(header: unknown, traceId: string): boolean {
  if (typeof header !== 'string') return false;
  const [version = '', trace = '', , flags = ''] = header.trim().split('-');
  if (!/^[0-9a-f]{2}$/.test(version) || version === 'ff' || !/^[0-9a-f]{2}$/.test(flags)) return false;
  return (trace === '' || trace === traceId) && (parseInt(flags, 16) & 1) === 1;
}
