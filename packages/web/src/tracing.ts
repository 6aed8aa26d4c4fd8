import { context, propagation, trace } from '@opentelemetry/api';
import { PageContextManager } from './context/page-context-manager.js';
import { traceContextPropagator } from './context/trace-context-propagator.js';
import { PageTracerProvider, type SpanHandler } from './recorder/tracer-provider.js';

export interface Tracing {
  provider: PageTracerProvider;
  contexts: PageContextManager;
  stop(): void;
}

/** A tracer, the context of a page and W3C headers, registered for everyone who uses `@opentelemetry/api`. */
export function startTracing(handler: SpanHandler): Tracing {
  const provider = new PageTracerProvider(handler);
  const contexts = new PageContextManager();
  trace.setGlobalTracerProvider(provider);
  context.setGlobalContextManager(contexts);
  propagation.setGlobalPropagator(traceContextPropagator);
  return {
    provider,
    contexts,
    stop() {
      trace.disable();
      context.disable();
      propagation.disable();
    },
  };
}
