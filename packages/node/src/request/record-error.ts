import { trace } from '@opentelemetry/api';
import { errorInfo } from '@unhinged/observability-core';

const recorded = new WeakSet();

/** Puts the exception on the active span, once: a hook of the instrumentation and one of the plugin may both see it. */
export function recordError(error: unknown): void {
  const span = trace.getActiveSpan();
  if (span === undefined || error === undefined || error === null) return;
  if (typeof error === 'object') {
    if (recorded.has(error)) return;
    recorded.add(error);
  }
  const { type, message, stack } = errorInfo(error);
  span.recordException({ name: type, message, stack });
}
