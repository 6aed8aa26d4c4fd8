import type { TraceIds } from '@unhinged/observability-core';

/**
 * Takes the ids of a span out of the fields of another library's line, under the names that OpenTelemetry's instrumentations give them:
 * a record has its own place for them.
 */
export function takeIds(fields: Record<string, unknown>): TraceIds | undefined {
  const { trace_id: traceId, span_id: spanId } = fields;
  for (const key of ['trace_id', 'span_id', 'trace_flags']) Reflect.deleteProperty(fields, key);
  return typeof traceId === 'string' && typeof spanId === 'string' ? { traceId, spanId } : undefined;
}

/** An error that a serializer has made plain (`type` is its class), as an error again. */
export function thrownError(fields: Record<string, unknown>): object {
  const { type, aggregateErrors, ...rest } = fields;
  return {
    ...rest,
    ...(typeof type === 'string' && { name: type }),
    ...(Array.isArray(aggregateErrors) && { errors: aggregateErrors }),
  };
}
