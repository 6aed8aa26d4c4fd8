import { SpanStatusCode, type Span } from '@opentelemetry/api';
import type { ReadableSpan } from '@opentelemetry/sdk-trace-base';

/**
 * Status error, or an exception recorded: a handled one too, for its trace is what one wants to see. An exception that ended in
 * 4xx is the client's mistake and none of ours (semantic conventions for HTTP servers); frameworks throw those for every
 * request that fails validation. `httpStatus`: as far as it is known.
 */
export function hasFailed(span: ReadableSpan | Span, httpStatus?: unknown): boolean {
  // A span of the API is the SDK's own in a process where it runs; a foreign or non-recording one has no such fields.
  const { status, events, attributes } = span as Partial<ReadableSpan>;
  if (status?.code === SpanStatusCode.ERROR) return true;
  if (events === undefined || events.length === 0) return false;
  if (!events.some((event) => event.name === 'exception')) return false;
  const code = Number(httpStatus ?? attributes?.['http.response.status_code']);
  return !(code >= 400 && code < 500);
}

/** The first span of a trace in this process, or of one of its requests. */
export function isLocalRoot(span: ReadableSpan): boolean {
  return span.parentSpanContext === undefined || span.parentSpanContext.isRemote === true;
}
