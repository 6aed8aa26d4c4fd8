import type { SpanContext, TraceState } from '@opentelemetry/api';
import { TraceState as W3cTraceState } from '@opentelemetry/core';

/**
 * `tracestate: unhinged=k:1` beside the sampled flag: an error has been seen in this trace, so keep your part of it whatever your
 * own rate. The flag alone cannot say that: a trace that a 20 % tier happens to sample is no reason for a 1 % tier to keep it.
 */
const MEMBER = 'unhinged';
const KEEP = 'k:1';

export function isMarked(traceState: TraceState | undefined): boolean {
  // Further fields may follow, as in the `ot` member: `k:1;x:2`.
  return traceState?.get(MEMBER)?.split(';').includes(KEEP) ?? false;
}

/**
 * The state for calls made after an error was seen. `ot=th:0` because that is the threshold errors are kept with: a sampler further
 * down that goes by the parent's threshold counts such a trace once.
 */
export function marked(parent: SpanContext): TraceState {
  const state = parent.traceState ?? new W3cTraceState();
  return withThresholdZero(state).set(MEMBER, KEEP);
}

function withThresholdZero(state: TraceState): TraceState {
  const others = (state.get('ot') ?? '')
    .split(';')
    .filter((field) => field !== '' && !field.startsWith('th:'));
  return state.set('ot', ['th:0', ...others].join(';'));
}
