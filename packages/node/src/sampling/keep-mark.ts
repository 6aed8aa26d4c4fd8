import type { SpanContext, TraceState } from '@opentelemetry/api';
import { TraceState as W3cTraceState } from '@opentelemetry/core';
import { hasKeepMark, withKeepMark } from '@unhinged/observability-core';

/**
 * `tracestate: unhinged=k:1` beside the sampled flag: an error has been seen in this trace, so keep your part of it whatever your
 * own rate. The flag alone cannot say that: a trace that a 20 % tier happens to sample is no reason for a 1 % tier to keep it.
 */
export function isMarked(traceState: TraceState | undefined): boolean {
  return traceState !== undefined && hasKeepMark(traceState.serialize());
}

/** The state for calls made after an error was seen. */
export function marked(parent: SpanContext): TraceState {
  return new W3cTraceState(withKeepMark(parent.traceState?.serialize()));
}
