import { context, propagation, trace } from '@opentelemetry/api';
import type { Resource } from '@opentelemetry/resources';
import { TracerProvider, type SpanProcessor } from '@opentelemetry/sdk-trace';
import { PageContextManager } from './context/page-context-manager.js';
import { traceContextPropagator } from './context/trace-context-propagator.js';

export interface Tracing {
  provider: TracerProvider;
  contexts: PageContextManager;
  stop(): void;
}

/** OpenTelemetry's own tracer with the context of a page and W3C headers, registered for everyone who uses `@opentelemetry/api`. */
export function startTracing(resource: Resource, processor: SpanProcessor): Tracing {
  const provider = new TracerProvider({ resource, spanProcessors: [processor] });
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
