import { context, propagation, trace, type Span } from '@opentelemetry/api';
import { PageContextManager } from './context/page-context-manager.js';
import { traceContextPropagator, traceHeaders } from './context/trace-context-propagator.js';
import { PageTracerProvider, type SpanHandler } from './recorder/tracer-provider.js';

export interface Tracing {
  provider: PageTracerProvider;
  contexts: PageContextManager;
  /** What a call made in the span tells its receiver. */
  headersOf: (span: Span) => Record<string, string>;
  stop(): void;
}

/** A tracer, the context of a page and W3C headers, registered for everyone who uses `@opentelemetry/api`. */
export function startTracing(handler: SpanHandler): Tracing {
  const provider = new PageTracerProvider(handler);
  const contexts = new PageContextManager();
  trace.setGlobalTracerProvider(provider);
  context.setGlobalContextManager(contexts);
  const isOurs = propagation.setGlobalPropagator(traceContextPropagator);
  return {
    provider,
    contexts,
    headersOf(span) {
      const headers = {};
      if (!span.isRecording()) return headers;
      // Without the detour over a context, which costs the page more than all else here.
      if (isOurs) return traceHeaders(span.spanContext());
      propagation.inject(trace.setSpan(contexts.active(), span), headers);
      return headers;
    },
    stop() {
      trace.disable();
      context.disable();
      if (isOurs) propagation.disable();
    },
  };
}
