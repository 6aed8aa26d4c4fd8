import type { Attributes, Span, SpanContext, SpanKind, Tracer } from '@opentelemetry/api';
import type { LogLevel } from '@unhinged/observability-core';
import type { Aggregator } from '../metrics/aggregator.js';

/** Stops, and gives back what was taken hold of. */
export type Stop = () => void;

/**
 * One source of signals, made by a function of its own (`traceFetch()`, `recordWebVitals()`), so that a bundler leaves out
 * those that nobody calls. Runs from `startWeb` until the shutdown. Best a function of its module, not one inside the function that makes
 * it: that the browser parses three times before it runs, which is a good part of what starting costs.
 */
export type Instrument = (page: Page) => Stop;

/** What an instrument gets of the SDK that runs. */
export interface Page {
  tracer: Tracer;
  /**
   * Begins a span that is made later: in the middle of the page's own work that costs several times as much. `start` is on the clock of
   * `performance`. Undefined where tracing is suppressed. `record` is called once; the attributes are the span's own from then on, at
   * most 128 and no text longer than 16,384.
   */
  begin(
    name: string,
    kind: SpanKind,
    start: number,
  ): { context: SpanContext; record(attributes: Attributes): Span } | undefined;
  /** A browser event: a log record with this event name, which goes to D and L. Level `info` and the name as text by default. */
  event(name: string, attributes: object, options?: { level?: LogLevel; message?: string }): void;
  metrics: Aggregator;
  /** Is the URL one of our own exports, or one the user does not want traced? */
  ignores(url: string): boolean;
  /** May a request to the URL carry trace headers? */
  propagatesTo(url: string): boolean;
  /** The trace headers for it, of the propagator that is registered with `@opentelemetry/api`. */
  headersOf: (span: SpanContext) => Record<string, string>;
  /** The URL as it may be sent: without what the user's privacy forbids. */
  shown(url: string): string;
  /** A back end keeps the trace for an error: the page keeps its part, whatever its rate. */
  keepTrace(traceId: string): void;
  /** Makes the span the parent of what runs from now on, until the function it returns is called. */
  enter(span: Span): () => void;
  /** Calls the listener before what waits is sent at once: on a flush, and when the page is hidden or left. */
  beforeFlush(listener: () => void): Stop;
}
