import { SamplingEngine, type SamplingRates } from '@unhinged/observability-core';

/** Operation class of the owner's table: traces that begin with a click or a submit. */
const USER_ACTION = 'user_action';

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
 * session get the same 56 bits (see `sessionTraceIds`), so that all tiers with the same rate or a higher one keep the traces of the
 * sessions that are kept here.
 */
export function sessionSampler(rate: number, actionRate: number): (sessionId: string) => SessionVerdict {
  const rates: SamplingRates = { rate, operations: { [USER_ACTION]: Math.max(rate, actionRate) } };
  const engine = new SamplingEngine({
    serviceType: 'frontend',
    policy: {
      table: { frontend: rates, gateway: rates, backend: rates, critical: rates },
      services: {},
      classes: [],
      slowMs: 0,
      errorsPerSecond: 0,
      adaptive: { keptPerSecond: 0, leastRate: 1 },
      tail: { openSpans: 0, spansOfSegment: 0, recentSpans: 0, recentSeconds: 0, heldBytes: 0 },
    },
  });
  const thresholdOf = (traceId: string, operation?: string) => {
    const { keep, traceState } = engine.decide({
      traceId,
      operation,
      error: false,
      durationMs: 0,
      retained: false,
    });
    return keep ? traceState : undefined;
  };
  return (sessionId) => ({ all: thresholdOf(sessionId), actions: thresholdOf(sessionId, USER_ACTION) });
}
