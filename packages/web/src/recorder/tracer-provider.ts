import {
  INVALID_SPAN_CONTEXT,
  ROOT_CONTEXT,
  SpanKind,
  TraceFlags,
  context as contexts,
  isSpanContextValid,
  trace,
  type Attributes,
  type Context,
  type Span,
  type SpanContext,
  type SpanOptions,
  type Tracer,
  type TracerProvider,
} from '@opentelemetry/api';
import { RecordingSpan, type ReadableSpan, type SpanStart } from './span.js';
import { nowMs } from './time.js';

/** What happens to spans. */
export interface SpanHandler {
  /** A span begins, in the trace with this id or in a new one. */
  begin: (name: string, traceId: string | undefined) => Beginning;
  onEnd: (span: ReadableSpan) => void;
  flush(): Promise<void>;
}

/** What a span begins with. */
export interface Beginning {
  /** 32 and 16 lowercase hex digits. */
  traceId: string;
  spanId: string;
  /** The flag that calls made in the span tell back ends. Everything is recorded, as an error may yet keep it. */
  sampled: boolean;
  attributes: Attributes;
}

/** Set by OpenTelemetry's `suppressTracing()`. */
const SUPPRESSED = Symbol.for('OpenTelemetry SDK Context Key SUPPRESS_TRACING');

/** A tracer provider for `@opentelemetry/api`, as its tracing SDK specification says; why not the SDK's: docs/decisions/0007. */
export class PageTracerProvider implements TracerProvider {
  readonly #handler: SpanHandler;

  constructor(handler: SpanHandler) {
    this.#handler = handler;
  }

  getTracer(name: string, version?: string): PageTracer {
    return new PageTracer({ name, version }, this.#handler);
  }

  forceFlush(): Promise<void> {
    return this.#handler.flush();
  }
}

/** A span whose ids, time and first attributes are settled; the rest can wait until there is time for it. */
class BegunSpan {
  readonly context: SpanContext;
  readonly #start: SpanStart;

  constructor(start: SpanStart) {
    this.context = start.context;
    this.#start = start;
  }

  /**
   * The span as of its beginning. Once: a second would have the same id.
   *
   * @param attributes The span's own from now on; they must be within its limits.
   */
  record(attributes: Attributes = {}): Span {
    return new RecordingSpan(this.#start, attributes);
  }
}

export class PageTracer implements Tracer {
  readonly #scope: ReadableSpan['instrumentationScope'];
  readonly #handler: SpanHandler;

  constructor(scope: ReadableSpan['instrumentationScope'], handler: SpanHandler) {
    this.#scope = scope;
    this.#handler = handler;
  }

  startSpan(name: string, options: SpanOptions = {}, context?: Context): Span {
    const span = this.begin(name, options, context)?.record();
    if (!span) return trace.wrapSpanContext(INVALID_SPAN_CONTEXT);
    if (options.links) span.addLinks(options.links);
    if (options.attributes) span.setAttributes(options.attributes);
    return span;
  }

  /** The part of `startSpan` that cannot wait; undefined where tracing is suppressed. */
  begin(
    name: string,
    { kind = SpanKind.INTERNAL, root = false, startTime }: SpanOptions,
    context = contexts.active(),
  ): BegunSpan | undefined {
    let parent: SpanContext | undefined;
    if (context !== ROOT_CONTEXT) {
      if (context.getValue(SUPPRESSED) === true) return undefined;
      const above = root ? undefined : trace.getSpanContext(context);
      if (above && isSpanContextValid(above)) parent = above;
    }
    const { traceId, spanId, sampled, attributes } = this.#handler.begin(name, parent?.traceId);
    const traceFlags = sampled ? TraceFlags.SAMPLED : TraceFlags.NONE;
    const traceState = parent?.traceState;
    return new BegunSpan({
      name,
      kind,
      context: traceState ? { traceId, spanId, traceFlags, traceState } : { traceId, spanId, traceFlags },
      parent,
      scope: this.#scope,
      startTime: startTime ?? nowMs(),
      attributes,
      onEnd: this.#handler.onEnd,
    });
  }

  startActiveSpan<F extends (span: Span) => unknown>(name: string, ...rest: unknown[]): ReturnType<F> {
    const fn = rest.pop() as F;
    const [options, context = contexts.active()] = rest as [SpanOptions?, Context?];
    const span = this.startSpan(name, options, context);
    return contexts.with(trace.setSpan(context, span), () => fn(span)) as ReturnType<F>;
  }
}
