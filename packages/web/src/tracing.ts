import { SpanStatusCode, context, propagation, trace, type Context, type Span } from '@opentelemetry/api';
import { OTLPTraceExporter } from '@opentelemetry/exporter-trace-otlp-proto';
import { registerInstrumentations } from '@opentelemetry/instrumentation';
import { DocumentLoadInstrumentation } from '@opentelemetry/instrumentation-document-load';
import { FetchInstrumentation } from '@opentelemetry/instrumentation-fetch';
import type { Resource } from '@opentelemetry/resources';
import { BatchSpanProcessor, type ReadableSpan, type SpanProcessor } from '@opentelemetry/sdk-trace-base';
import { WebTracerProvider } from '@opentelemetry/sdk-trace-web';
import { ATTR_ERROR_TYPE, ATTR_URL_FULL } from '@opentelemetry/semantic-conventions';
import { BATCH } from './batch.js';
import { counted, type SignalStats } from './counted.js';
import { escapePattern, type WebSettings } from './options.js';
import type { Signal } from './signal.js';

/** Traces: document load, fetch, and whatever the application starts itself. */
export function startTracing(
  settings: WebSettings,
  resource: Resource,
  sessionId: string,
  onSpanEnd: (span: ReadableSpan) => void,
): Signal & { stats: SignalStats } {
  const ownExports = new RegExp(`^${escapePattern(settings.endpoint)}/v1/(traces|logs|metrics)$`);
  const stats: SignalStats = { recorded: 0, sent: 0, failed: 0 };
  const exporter = counted(new OTLPTraceExporter({ url: `${settings.endpoint}/v1/traces` }), 'Spans', stats);
  const processor = new PageSpanProcessor(
    new BatchSpanProcessor(exporter, BATCH),
    sessionId,
    ownExports,
    (span) => {
      stats.recorded++;
      onSpanEnd(span);
    },
  );
  const provider = new WebTracerProvider({ resource, spanProcessors: [processor] });
  provider.register();
  const unregister = registerInstrumentations({
    tracerProvider: provider,
    instrumentations: [
      new DocumentLoadInstrumentation(),
      new FetchInstrumentation({
        propagateTraceHeaderCorsUrls: settings.propagateTo,
        ignoreUrls: [ownExports],
        applyCustomAttributesOnSpan: markFailedFetch,
      }),
    ],
  });
  return {
    stats,
    flush: () => provider.forceFlush(),
    async stop() {
      unregister();
      await provider.shutdown();
      trace.disable();
      context.disable();
      propagation.disable();
    },
  };
}

/** Puts the session on every span, and keeps spans about our own requests (resource timings show them) to itself. */
class PageSpanProcessor implements SpanProcessor {
  readonly #next: SpanProcessor;
  readonly #sessionId: string;
  readonly #ownExports: RegExp;
  readonly #onSpanEnd: (span: ReadableSpan) => void;

  constructor(
    next: SpanProcessor,
    sessionId: string,
    ownExports: RegExp,
    onSpanEnd: (span: ReadableSpan) => void,
  ) {
    this.#next = next;
    this.#sessionId = sessionId;
    this.#ownExports = ownExports;
    this.#onSpanEnd = onSpanEnd;
  }

  onStart(span: Parameters<SpanProcessor['onStart']>[0], parent: Context): void {
    span.setAttribute('session.id', this.#sessionId);
    this.#next.onStart(span, parent);
  }

  onEnd(span: ReadableSpan): void {
    const url = span.attributes[ATTR_URL_FULL];
    if (typeof url === 'string' && this.#ownExports.test(url)) return;
    this.#onSpanEnd(span);
    this.#next.onEnd(span);
  }

  forceFlush(): Promise<void> {
    return this.#next.forceFlush();
  }

  shutdown(): Promise<void> {
    return this.#next.shutdown();
  }
}

/** The instrumentation leaves a request that never got an answer without an error; one the page gave up is none. */
function markFailedFetch(
  span: Span,
  _request: Request | RequestInit,
  result: Response | { message: string; name?: unknown },
): void {
  if (result instanceof Response) return;
  const type = typeof result.name === 'string' ? result.name : 'Error';
  span.setAttribute(ATTR_ERROR_TYPE, type);
  if (type !== 'AbortError') span.setStatus({ code: SpanStatusCode.ERROR, message: result.message });
}
