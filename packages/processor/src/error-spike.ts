import { alertFingerprint, type ErrorSpikePolicy } from '@unhinged/observability-core';
import type { AlertTransition } from './alert.js';

/** What a rule looks at: one service in one closed window. Without traffic both counts are 0. */
export interface ClosedWindow {
  service: string;
  startMs: number;
  endMs: number;
  requests: number;
  errors: number;
}

/** What is remembered of a service between its windows. */
export interface ErrorSpikeState {
  service: string;
  phase: 'quiet' | 'pending' | 'firing';
  /** Weighted sums of earlier windows: their quotient is the baseline. */
  baselineErrors: number;
  baselineRequests: number;
  startsMs: number;
  /** End of the last window in which the condition held. */
  heldMs: number;
}

const NAME = 'error_spike';
/** A window's weight in the baseline halves every 60 windows: ten minutes of the default ten seconds. */
const DECAY = 0.5 ** (1 / 60);

export const newErrorSpikeState = (service: string): ErrorSpikeState => ({
  service,
  phase: 'quiet',
  baselineErrors: 0,
  baselineRequests: 0,
  startsMs: 0,
  heldMs: 0,
});

/**
 * Takes in one closed window of a service, in the order of event time; changes `state` and gives the transitions it caused.
 *
 * The condition: at least `minRequests` requests, an error ratio above `ratio`, and above `baselineFactor` times the baseline.
 * The baseline is the error ratio of earlier windows in which the service was not in alert, weighted exponentially; it
 * counts as 0 until it rests on `minRequests` requests.
 */
export function evaluateErrorSpike(
  state: ErrorSpikeState,
  window: ClosedWindow,
  policy: ErrorSpikePolicy,
): AlertTransition[] {
  const { requests, errors, endMs } = window;
  const baseline =
    state.baselineRequests >= policy.minRequests ? state.baselineErrors / state.baselineRequests : 0;
  const threshold = Math.max(policy.ratio, policy.baselineFactor * baseline);
  const ratio = requests === 0 ? 0 : errors / requests;
  const holds = policy.enabled && requests >= policy.minRequests && ratio > threshold;
  const transitions: AlertTransition[] = [];
  const go = (to: AlertTransition['state']): void => {
    const from = state.phase === 'quiet' ? null : state.phase;
    state.phase = to === 'resolved' ? 'quiet' : to;
    const figures = { ratio, baseline, threshold };
    transitions.push(transition(state, window, policy, { from, to, figures }));
  };
  if (holds) {
    state.heldMs = endMs;
    if (state.phase === 'quiet') {
      state.startsMs = endMs;
      go('pending');
    }
    if (state.phase === 'pending' && endMs - state.startsMs >= policy.forSeconds * 1000) go('firing');
  } else if (state.phase === 'pending') {
    go('resolved');
  } else if (state.phase === 'firing' && endMs - state.heldMs >= policy.resolveSeconds * 1000) {
    go('resolved');
  } else if (state.phase === 'quiet' && requests > 0) {
    state.baselineErrors = state.baselineErrors * DECAY + errors;
    state.baselineRequests = state.baselineRequests * DECAY + requests;
  }
  return transitions;
}

function transition(
  state: ErrorSpikeState,
  window: ClosedWindow,
  policy: ErrorSpikePolicy,
  of: {
    from: AlertTransition['from'];
    to: AlertTransition['state'];
    figures: { ratio: number; baseline: number; threshold: number };
  },
): AlertTransition {
  const { from, to, figures } = of;
  const { service, requests, errors, startMs, endMs } = window;
  const labels = { alertname: NAME, service };
  const share = percent(figures.ratio);
  const counted = `${Math.round(errors)} of ${Math.round(requests)} requests failed (${share}) from ${iso(startMs)} to ${iso(endMs)}`;
  const annotations =
    to === 'resolved'
      ? {
          summary: `${service}: error spike is over`,
          description:
            from === 'pending'
              ? `The condition did not hold for ${policy.forSeconds} s, so the alert never fired. Last: ${counted}.`
              : `No error spike for ${(endMs - state.heldMs) / 1000} s. Last: ${counted}.`,
        }
      : {
          summary: `${service}: ${share} of requests fail`,
          description:
            `${counted}. Allowed are ${percent(figures.threshold)}: the larger of ${percent(policy.ratio)} and ` +
            `${policy.baselineFactor} times the baseline of ${percent(figures.baseline)}.`,
        };
  const result: AlertTransition = {
    fingerprint: alertFingerprint(NAME, labels),
    alertName: NAME,
    state: to,
    from,
    severity: 'page',
    labels,
    annotations,
    value: figures.ratio,
    threshold: figures.threshold,
    atMs: endMs,
    startsMs: state.startsMs,
  };
  return to === 'resolved' ? { ...result, endsMs: endMs } : result;
}

const percent = (ratio: number): string => `${(ratio * 100).toFixed(1)} %`;

const iso = (ms: number): string => new Date(ms).toISOString();
