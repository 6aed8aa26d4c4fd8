import { SpanKind, SpanStatusCode, trace } from '@opentelemetry/api';
import type { LogLevel } from '@unhinged/observability-core';
import type { Instrument, Page } from '../instrument/instrument.js';
import type { ReadableSpan } from '../recorder/span.js';
import { newSpanId, newTraceId } from '../sampling/session-trace-ids.js';
import { Aggregator } from '../metrics/aggregator.js';
import { startTracing } from '../tracing.js';

export interface RecordedEvent {
  name: string;
  attributes: Record<string, unknown>;
  level: LogLevel | undefined;
  message: string | undefined;
  /** Active when it was recorded. */
  spanId: string | undefined;
}

/** The SDK's own tracer and context with an instrument on top, and everything it records at hand. */
export interface TestPage {
  page: Page;
  spans: ReadableSpan[];
  events: RecordedEvent[];
  kept: string[];
  /** What the SDK does before it sends in a hurry. */
  flush(): void;
  stop(): void;
}

export function startPage(
  instrument: Instrument,
  {
    propagatesTo = () => false,
    ignores = () => false,
    sampled = true,
  }: Partial<Pick<Page, 'propagatesTo' | 'ignores'>> & { sampled?: boolean } = {},
): TestPage {
  const spans: ReadableSpan[] = [];
  const events: RecordedEvent[] = [];
  const kept: string[] = [];
  const listeners = new Set<() => void>();
  const tracing = startTracing({
    begin: (_, traceId = newTraceId('f'.repeat(32))) => ({
      traceId,
      spanId: newSpanId(),
      sampled,
      attributes: {},
    }),
    onEnd: (span) => spans.push(span),
    flush: () => Promise.resolve(),
  });
  const { provider, contexts } = tracing;
  const tracer = provider.getTracer('test');
  const page: Page = {
    tracer,
    begin: (name, kind, startTime) => tracer.begin(name, { kind, startTime }, tracing.active()),
    event(name, attributes, { level, message } = {}) {
      const spanId = trace.getActiveSpan()?.spanContext().spanId;
      events.push({ name, attributes: attributes as Record<string, unknown>, level, message, spanId });
    },
    metrics: new Aggregator(),
    ignores,
    propagatesTo,
    shown: (url) => url.replace(/\?.*/, ''),
    keepTrace: (traceId) => kept.push(traceId),
    headersOf: tracing.headersOf,
    enter: (span) => contexts.enter(trace.setSpan(contexts.active(), span)),
    beforeFlush(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
  };
  const stopInstrument = instrument(page);
  return {
    page,
    spans,
    events,
    kept,
    flush: () => {
      for (const listener of listeners) listener();
    },
    stop: () => {
      stopInstrument();
      tracing.stop();
    },
  };
}

/** What tests compare of a span. */
export const told = (span: ReadableSpan | undefined) =>
  span && {
    name: span.name,
    kind: SpanKind[span.kind],
    status: SpanStatusCode[span.status.code],
    attributes: span.attributes,
  };
