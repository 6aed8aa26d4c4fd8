import {
  INVALID_SPAN_CONTEXT,
  SpanKind,
  TraceFlags,
  context as contexts,
  isSpanContextValid,
  trace,
  type Context,
  type Span,
  type SpanOptions,
  type Tracer,
  type TracerProvider,
} from '@opentelemetry/api';
import { RecordingSpan, type ReadableSpan } from './span.js';

/** What happens to spans. */
export interface SpanHandler {
  /** Attributes may be added. */
  onStart: (span: Span) => void;
  onEnd: (span: ReadableSpan) => void;
  /** Hex ids, as OpenTelemetry's `IdGenerator`. */
  ids: { generateTraceId(): string; generateSpanId(): string };
  /**
   * The flag that calls made in the span tell back ends. Everything is recorded, as an error may yet keep it.
   */
  sampled(traceId: string, name: string): boolean;
  flush(): Promise<void>;
}

/** Set by OpenTelemetry's `suppressTracing()`. */
const SUPPRESSED = Symbol.for('OpenTelemetry SDK Context Key SUPPRESS_TRACING');

/** A tracer provider for `@opentelemetry/api`, as its tracing SDK specification says; why not the SDK's: docs/decisions/0007. */
export class PageTracerProvider implements TracerProvider {
  readonly #handler: SpanHandler;

  constructor(handler: SpanHandler) {
    this.#handler = handler;
  }

  getTracer(name: string, version?: string): Tracer {
    return new PageTracer({ name, version }, this.#handler);
  }

  forceFlush(): Promise<void> {
    return this.#handler.flush();
  }
}

class PageTracer implements Tracer {
  readonly #scope: ReadableSpan['instrumentationScope'];
  readonly #handler: SpanHandler;

  constructor(scope: ReadableSpan['instrumentationScope'], handler: SpanHandler) {
    this.#scope = scope;
    this.#handler = handler;
  }

  startSpan(name: string, options: SpanOptions = {}, context = contexts.active()): Span {
    const handler = this.#handler;
    if (context.getValue(SUPPRESSED) === true) return trace.wrapSpanContext(INVALID_SPAN_CONTEXT);
    const above = options.root ? undefined : trace.getSpanContext(context);
    const parent = above && isSpanContextValid(above) ? above : undefined;
    const traceId = parent?.traceId ?? handler.ids.generateTraceId();
    const span = new RecordingSpan({
      name,
      kind: options.kind ?? SpanKind.INTERNAL,
      context: {
        traceId,
        spanId: handler.ids.generateSpanId(),
        traceFlags: handler.sampled(traceId, name) ? TraceFlags.SAMPLED : TraceFlags.NONE,
        ...(parent?.traceState && { traceState: parent.traceState }),
      },
      parent,
      scope: this.#scope,
      startTime: options.startTime,
      onEnd: handler.onEnd,
    });
    if (options.links) span.addLinks(options.links);
    if (options.attributes) span.setAttributes(options.attributes);
    handler.onStart(span);
    return span;
  }

  startActiveSpan<F extends (span: Span) => unknown>(name: string, ...rest: unknown[]): ReturnType<F> {
    const fn = rest.pop() as F;
    const [options, context = contexts.active()] = rest as [SpanOptions?, Context?];
    const span = this.startSpan(name, options, context);
    return contexts.with(trace.setSpan(context, span), () => fn(span)) as ReturnType<F>;
  }
}
