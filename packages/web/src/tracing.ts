import { context, propagation, trace } from '@opentelemetry/api';
import type { Resource } from '@opentelemetry/resources';
import {
  SamplingDecision,
  TracerProvider,
  type IdGenerator,
  type SpanProcessor,
} from '@opentelemetry/sdk-trace';
import { PageContextManager } from './context/page-context-manager.js';
import { traceContextPropagator } from './context/trace-context-propagator.js';

export interface Tracing {
  provider: TracerProvider;
  contexts: PageContextManager;
  stop(): void;
}

/** OpenTelemetry's own tracer with the context of a page and W3C headers, registered for everyone who uses `@opentelemetry/api`. */
export function startTracing(
  resource: Resource,
  processor: SpanProcessor,
  { ids, sampled }: { ids: IdGenerator; sampled: (traceId: string, name: string) => boolean },
): Tracing {
  const provider = new TracerProvider({
    resource,
    spanProcessors: [processor],
    idGenerator: ids,
    // Everything is recorded, as an error may yet keep it; the flag tells the back ends what is known by now.
    sampler: {
      shouldSample: (_, traceId, name) => ({
        decision: sampled(traceId, name) ? SamplingDecision.RECORD_AND_SAMPLED : SamplingDecision.RECORD,
      }),
      toString: () => 'SessionSampler',
    },
  });
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
