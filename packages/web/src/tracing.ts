import { context, propagation, trace, type Context, type SpanContext } from '@opentelemetry/api';
import { PageContextManager } from './context/page-context-manager.js';
import { traceContextPropagator, traceHeaders } from './context/trace-context-propagator.js';
import { PageTracerProvider, type SpanHandler } from './recorder/tracer-provider.js';

export interface Tracing {
  provider: PageTracerProvider;
  contexts: PageContextManager;
  /** The context that the page's spans begin in. */
  active: () => Context;
  /** What a call made in the span tells its receiver. */
  headersOf: (span: SpanContext) => Record<string, string>;
  stop(): void;
}

/** A tracer, the context of a page and W3C headers, registered for everyone who uses `@opentelemetry/api`. */
export function startTracing(handler: SpanHandler): Tracing {
  const provider = new PageTracerProvider(handler);
  const contexts = new PageContextManager();
  // Where the page has registered one before, that stays, and is not ours to disable.
  const hasTracer = trace.setGlobalTracerProvider(provider);
  const hasContexts = context.setGlobalContextManager(contexts);
  const hasPropagator = propagation.setGlobalPropagator(traceContextPropagator);
  return {
    provider,
    contexts,
    // Without the detour over the API where it would lead here.
    active: hasContexts ? () => contexts.active() : () => context.active(),
    headersOf(span) {
      // Without the detour over a context, which costs the page more than all else here.
      if (hasPropagator) return traceHeaders(span);
      const headers = {};
      propagation.inject(trace.setSpanContext(contexts.active(), span), headers);
      return headers;
    },
    stop() {
      if (hasTracer) trace.disable();
      if (hasContexts) context.disable();
      if (hasPropagator) propagation.disable();
    },
  };
}
