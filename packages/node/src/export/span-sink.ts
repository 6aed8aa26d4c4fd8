import type { ReadableSpan } from '@opentelemetry/sdk-trace-base';

/** The way out of spans that are to leave. Counts what becomes of them, except `created`: that is for who saw them end. */
export interface SpanSink {
  /**
   * Takes ended spans of one decision.
   *
   * @param traceState Replaces the spans' own tracestate on the wire; undefined leaves it as it is, '' removes it.
   */
  add(spans: readonly ReadableSpan[], traceState: string | undefined): void;
  /** Resolves when everything added before has left, was dropped, or the collector stays away. Never rejects. */
  flush(): Promise<void>;
  /** Flushes and stops: what comes later is dropped as `stopped`. Never rejects. */
  shutdown(): Promise<void>;
}
