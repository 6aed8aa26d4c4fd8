import { SpanStatusCode, context, trace as api, type Attributes, type Span } from '@opentelemetry/api';

/**
 * Runs a function in a span of its own and ends the span when the function, or the promise it returns, is done. A throw or a
 * rejection marks the span and goes on to the caller.
 *
 * What runs synchronously in the function, up to its first `await`, is in the span: requests made there are its children,
 * log lines carry its ids. After an `await` the browser no longer knows; take the span back with {@link within}.
 */
export function trace<T>(name: string, fn: (span: Span) => T, options: { attributes?: Attributes } = {}): T {
  const span = api.getTracer('@unhinged/observability-web').startSpan(name, options);
  let result: T;
  try {
    result = within(span, () => fn(span));
  } catch (error) {
    fail(span, error);
    throw error;
  }
  if (!isThenable(result)) {
    span.end();
    return result;
  }
  return result.then(
    (value) => {
      span.end();
      return value;
    },
    (error: unknown) => {
      fail(span, error);
      throw error;
    },
  ) as T;
}

/** Runs the synchronous part of a function in a span that is still open, for example after an `await`. */
export function within<T>(span: Span, fn: () => T): T {
  return context.with(api.setSpan(context.active(), span), fn);
}

function fail(span: Span, error: unknown): void {
  const message = error instanceof Error ? error.message : String(error);
  span.recordException(error instanceof Error ? error : message);
  span.setStatus({ code: SpanStatusCode.ERROR, message });
  span.end();
}

function isThenable(value: unknown): value is PromiseLike<unknown> {
  return typeof (value as { then?: unknown } | null | undefined)?.then === 'function';
}
