import { formatThreshold, randomnessOf, thresholdOf } from '@unhinged/observability-core';

/** What the rates say of a session, before any error. A threshold is a whole trace state, `ot=th:…`. */
export interface SessionVerdict {
  /** Of everything; undefined: not kept. */
  all: string | undefined;
  /** Of traces that begin with a user action, which have a rate of their own; undefined: not kept. */
  actions: string | undefined;
}

/** Trace state of what was kept because of an error: it stands for itself only. */
export const KEPT_FOR_ERROR = 'ot=th:0';
/** Of what was kept afterwards: its fellows that passed the rate have been counted for it, so it counts for nothing. */
export const COUNTED_BY_OTHERS = 'unhinged=c:0';

/**
 * Decides about sessions as the other tiers do about traces, by the low 56 bits of the id against a threshold. The traces of a
 * session get the same 56 bits (see `newTraceId`), so that all tiers with the same rate or a higher one keep the traces of the
 * sessions that are kept here.
 */
export function sessionSampler(rate: number, actionRate: number): (sessionId: string) => SessionVerdict {
  const verdict = (threshold: number) => {
    const digits = formatThreshold(threshold);
    return (sessionId: string) =>
      digits !== undefined && randomnessOf(sessionId) >= threshold ? `ot=th:${digits}` : undefined;
  };
  const all = verdict(thresholdOf(rate));
  const actions = verdict(thresholdOf(Math.max(rate, actionRate)));
  return (sessionId) => ({ all: all(sessionId), actions: actions(sessionId) });
}
