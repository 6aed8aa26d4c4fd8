import type { SamplingPolicy, SamplingRates, SamplingRow } from './policy.js';
import { RateControl } from './rate-control.js';
import { adjustedCountOf, formatThreshold, NEVER, randomnessOf, thresholdOf } from './threshold.js';
import { readOtelState, withThreshold } from './trace-state.js';

/** Why a segment was kept. `rate` is also the reason of one that was not. */
export type SamplingReason = 'rate' | 'error' | 'latency' | 'operation' | 'budget' | 'retroactive';

/** What is known of a segment when it is decided. */
export interface SegmentFacts {
  /** 32 lowercase hex digits. */
  traceId: string;
  /** As it came with the parent: `rv` and foreign members count, and stay. */
  traceState?: string | undefined;
  error: boolean;
  durationMs: number;
  /** Operation class, see `SamplingRates.operations`. */
  operation?: string | undefined;
  /** Another tier keeps this trace for an error. */
  retained: boolean;
  /** Share of errors that others have been told this tier keeps, see {@link SamplingEngine.errorShare}. */
  promised?: number | undefined;
}

export interface SamplingDecision {
  keep: boolean;
  reason: SamplingReason;
  /** The complete value to export with the spans: `ot=th:…` is the threshold of this decision. */
  traceState: string;
  /** How many segments this one stands for; 0 when it is not kept. */
  adjustedCount: number;
}

export interface SamplingEngineOptions {
  policy: SamplingPolicy;
  serviceType: SamplingRow;
  /** `service.name`: may have rates of its own. */
  service?: string | undefined;
  /** Unix milliseconds. Default `Date.now`. */
  now?: (() => number) | undefined;
}

/** Decides about segments: error, slow, retained by another tier, operation class, rate. The same in every runtime. */
export class SamplingEngine {
  readonly #serviceType: SamplingRow;
  readonly #service: string | undefined;
  readonly #now: () => number;
  #policy!: SamplingPolicy;
  #rates!: SamplingRates;
  #errors!: RateControl;
  #ordinary!: RateControl;

  constructor({ policy, serviceType, service, now = Date.now }: SamplingEngineOptions) {
    this.#serviceType = serviceType;
    this.#service = service;
    this.#now = now;
    this.setPolicy(policy);
  }

  get policy(): SamplingPolicy {
    return this.#policy;
  }

  /** From the next decision on. */
  setPolicy(policy: SamplingPolicy): void {
    const own = this.#service === undefined ? undefined : policy.services[this.#service];
    this.#policy = policy;
    this.#rates = own ?? policy.table[this.#serviceType];
    this.#errors = new RateControl(policy.errorsPerSecond);
    this.#ordinary = new RateControl(policy.adaptive.keptPerSecond);
  }

  decide(segment: SegmentFacts): SamplingDecision {
    const { slowMs } = this.#policy;
    const slow = slowMs > 0 && segment.durationMs >= slowMs;
    if (segment.error || slow) {
      // What another tier keeps has been paid for by the budget of that tier, and is kept even beyond the own one.
      const share = segment.retained ? 1 : Math.max(this.errorShare(), segment.promised ?? 0);
      const decision = decided(segment, share < 1 ? 'budget' : segment.error ? 'error' : 'latency', share);
      this.#errors.count(1, decision.keep);
      return decision;
    }
    if (segment.retained) return decided(segment, 'retroactive', 1);
    const table = this.#rateOf(segment.operation);
    const decision = decided(
      segment,
      table > this.#rates.rate ? 'operation' : 'rate',
      this.#effective(table),
    );
    this.#ordinary.count(table, decision.keep);
    return decision;
  }

  /** What can be said when a segment begins, for the sampled flag of its calls: the decision it will get if nothing happens in it. */
  expect(traceId: string, traceState: string | undefined): SamplingDecision {
    const segment = { traceId, traceState, error: false, durationMs: 0, retained: false };
    return decided(segment, 'rate', this.#effective(this.#rates.rate));
  }

  /** Share of errors that is kept at this moment: 1 within the error budget. */
  errorShare(): number {
    return this.#errors.factor(this.#now());
  }

  /** Does the trace belong to those that are kept at this rate? */
  passes(traceId: string, traceState: string | undefined, rate: number): boolean {
    return rate === 1 || passes({ traceId, traceState }, thresholdCached(rate));
  }

  /** An error in a segment that was left out: does the budget have room to take it back? Counts it. */
  takesError(traceId: string, traceState: string | undefined): boolean {
    const taken = this.passes(traceId, traceState, this.errorShare());
    this.#errors.count(1, taken);
    return taken;
  }

  #rateOf(operation: string | undefined): number {
    const { rate, operations } = this.#rates;
    if (operation === undefined || !Object.hasOwn(operations, operation)) return rate;
    return Math.max(rate, operations[operation] ?? 0);
  }

  #effective(table: number): number {
    const factor = this.#ordinary.factor(this.#now());
    return factor === 1 ? table : Math.min(table, Math.max(table * factor, this.#policy.adaptive.leastRate));
  }
}

function decided(segment: SegmentFacts, reason: SamplingReason, rate: number): SamplingDecision {
  const threshold = thresholdCached(rate);
  const keep = passes(segment, threshold);
  return {
    keep,
    reason,
    traceState: withThreshold(segment.traceState, keep ? formatThreshold(threshold) : undefined),
    adjustedCount: keep ? adjustedCountOf(threshold) : 0,
  };
}

function passes(
  { traceId, traceState }: Pick<SegmentFacts, 'traceId' | 'traceState'>,
  threshold: number,
): boolean {
  const rv = traceState === undefined ? undefined : readOtelState(traceState).rv;
  return threshold < NEVER && randomnessOf(traceId, rv) >= threshold;
}

let last = { rate: 1, threshold: 0 };
/** Rates come in runs. */
function thresholdCached(rate: number): number {
  if (rate !== last.rate) last = { rate, threshold: thresholdOf(rate) };
  return last.threshold;
}
