import {
  context as activeContext,
  INVALID_SPAN_CONTEXT,
  isSpanContextValid,
  SpanKind,
  trace,
  type Context,
  type Span,
  type SpanContext,
  type SpanOptions,
  type Tracer,
  type TracerOptions,
  type TracerProvider,
  type TraceState,
} from '@opentelemetry/api';
import { isTracingSuppressed, type InstrumentationScope } from '@opentelemetry/core';
import type { Resource } from '@opentelemetry/resources';
import type { ReadableSpan, SpanLimits } from '@opentelemetry/sdk-trace-base';
import { newSpanId, newTraceId } from './ids.js';
import { RecordingSpan } from './span.js';

/** What a span's context says when it starts. */
export interface Start {
  /** False: it is not recorded, only its context goes on. */
  recorded: boolean;
  sampled: boolean;
  traceState: TraceState | undefined;
}

/** Where spans begin and end. */
export interface Recorder {
  start(traceId: string, parent: SpanContext | undefined): Start;
  onStart(span: ReadableSpan): void;
  onEnd(span: ReadableSpan): void;
  forceFlush(): Promise<void>;
  shutdown(): Promise<void>;
}

/** What the spans of one tracer have in common. */
export interface TracerParts {
  resource: Resource;
  scope: InstrumentationScope;
  limits: SpanLimits;
  processor: Recorder;
}

const DEFAULT_LIMITS: SpanLimits = {
  attributeCountLimit: 128,
  eventCountLimit: 128,
  linkCountLimit: 128,
  attributePerEventCountLimit: 128,
  attributePerLinkCountLimit: 128,
};

/** The tracers of this process: as the SDK's, without its samplers and processors, whose generality costs half of each span. */
export class RecordingTracerProvider implements TracerProvider {
  private readonly tracers = new Map<string, Tracer>();

  private readonly parts: Omit<TracerParts, 'scope'>;

  /** `limits`: those absent are the specification's: 128 of everything, and no bound on lengths. */
  constructor(resource: Resource, processor: Recorder, limits: SpanLimits = {}) {
    this.parts = { resource, processor, limits: { ...DEFAULT_LIMITS, ...limits } };
  }

  getTracer(name: string, version?: string, options?: TracerOptions): Tracer {
    const schemaUrl = options?.schemaUrl;
    const key = `${name}@${version ?? ''}:${schemaUrl ?? ''}`;
    let tracer = this.tracers.get(key);
    if (tracer === undefined) {
      const scope = {
        name,
        ...(version !== undefined && { version }),
        ...(schemaUrl !== undefined && { schemaUrl }),
      };
      tracer = new RecordingTracer({ ...this.parts, scope });
      this.tracers.set(key, tracer);
    }
    return tracer;
  }

  forceFlush(): Promise<void> {
    return this.parts.processor.forceFlush();
  }

  shutdown(): Promise<void> {
    return this.parts.processor.shutdown();
  }
}

class RecordingTracer implements Tracer {
  constructor(private readonly parts: TracerParts) {}

  startSpan(name: string, options: SpanOptions = {}, context: Context = activeContext.active()): Span {
    if (isTracingSuppressed(context)) return trace.wrapSpanContext(INVALID_SPAN_CONTEXT);
    const parentSpan = options.root === true ? undefined : trace.getSpan(context);
    let parent = parentSpan?.spanContext();
    const local = parentSpan instanceof RecordingSpan ? parentSpan : undefined;
    // Those of ours are valid.
    if (parent !== undefined && local === undefined && !isSpanContextValid(parent)) parent = undefined;
    const traceId = parent?.traceId ?? newTraceId();
    const { processor } = this.parts;
    const { recorded, sampled, traceState } = processor.start(traceId, parent);
    const spanContext: SpanContext = { traceId, spanId: newSpanId(), traceFlags: sampled ? 1 : 0 };
    if (traceState !== undefined) spanContext.traceState = traceState;
    if (!recorded) return trace.wrapSpanContext(spanContext);
    const kind = options.kind ?? SpanKind.INTERNAL;
    const span = new RecordingSpan(spanContext, parent, name, kind, this.parts, local, options.startTime);
    if (options.links !== undefined) span.addLinks(options.links);
    if (options.attributes !== undefined) span.setAttributes(options.attributes);
    processor.onStart(span);
    return span;
  }

  startActiveSpan<F extends (span: Span) => unknown>(name: string, ...rest: unknown[]): ReturnType<F> {
    const act = rest.pop() as F;
    const [options, given] = rest as [SpanOptions?, Context?];
    const context = given ?? activeContext.active();
    const span = this.startSpan(name, options, context);
    return activeContext.with(trace.setSpan(context, span), () => act(span)) as ReturnType<F>;
  }
}
