import type { SamplingDecision, SamplingEngine } from './engine.js';

export interface TailLimits {
  maxSpans: number;
  maxSpansOfSegment: number;
  maxRecentSpans: number;
  recentMs: number;
}
export const DEFAULT_LIMITS: TailLimits = {
  maxSpans: 50_000,
  maxSpansOfSegment: 2_000,
  maxRecentSpans: 8_192,
  recentMs: 10_000,
};

export interface EndFacts {
  traceId: string;
  isRoot: boolean;
  error: boolean;
  durationMs: number;
  operation: string | undefined;
}

interface Segment<S> {
  spans: S[];
  openRoots: number;
  error: boolean;
  retained: boolean;
  traceState: string | undefined;
  epochMs: number;
  /** Once decided. */
  decision: SamplingDecision | undefined;
}

/** Open segments by trace id, and for some seconds those that were decided. */
export class LocalTail<S> {
  private readonly open = new Map<string, Segment<S>>();
  /** Decided, oldest first; those left out still hold their spans. */
  private readonly recent = new Map<string, Segment<S>>();
  private openSpans = 0;
  private recentSpans = 0;

  constructor(
    private readonly options: {
      engine: SamplingEngine;
      emit(spans: S[], decision: SamplingDecision): void;
      sampledOut(count: number): void;
      limits?: TailLimits;
      now?: () => number;
    },
  ) {}

  /** A local root begins. */
  start(traceId: string, facts: { traceState: string | undefined; retained: boolean }): void {
    const known = this.open.get(traceId);
    if (known !== undefined) {
      known.openRoots += 1;
      known.retained ||= facts.retained;
      return;
    }
    if (facts.retained) this.keep(traceId);
    const segment: Segment<S> = {
      spans: [],
      openRoots: 1,
      error: false,
      retained: facts.retained || this.recent.get(traceId)?.decision?.keep === true,
      traceState: facts.traceState,
      epochMs: this.now(),
      decision: undefined,
    };
    this.open.set(traceId, segment);
  }

  end(span: S, facts: EndFacts): void {
    const segment = this.open.get(facts.traceId);
    if (segment === undefined) {
      this.late(span, facts);
      return;
    }
    segment.spans.push(span);
    this.openSpans += 1;
    segment.error ||= facts.error;
    if (facts.isRoot) segment.openRoots -= 1;
    if (segment.openRoots <= 0) this.decide(facts.traceId, segment, facts);
    else this.bound(facts.traceId, segment);
  }

  /** Another tier keeps the trace for an error. */
  keep(traceId: string): void {
    const open = this.open.get(traceId);
    if (open !== undefined) open.retained = true;
    const recent = this.recent.get(traceId);
    if (recent?.decision?.keep === false) this.revive(traceId, recent, false);
  }

  /** Will the trace be kept, whatever the rate? */
  hasError(traceId: string): boolean {
    const segment = this.open.get(traceId);
    return segment !== undefined && (segment.error || segment.retained);
  }

  flush(): void {
    for (const [traceId, segment] of this.open) this.decide(traceId, segment);
    this.expire(Infinity);
  }

  /** Lets go of what was left out too long ago. */
  sweep(): void {
    this.expire(this.now() - this.limits.recentMs);
  }

  stats(): { openSegments: number; openSpans: number; recentSpans: number } {
    return { openSegments: this.open.size, openSpans: this.openSpans, recentSpans: this.recentSpans };
  }

  private decide(traceId: string, segment: Segment<S>, facts?: EndFacts): void {
    this.open.delete(traceId);
    this.openSpans -= segment.spans.length;
    const decision = this.options.engine.decide({
      traceId,
      ...(segment.traceState !== undefined && { traceState: segment.traceState }),
      error: segment.error,
      durationMs: facts?.durationMs ?? 0,
      ...(facts?.operation !== undefined && { operation: facts.operation }),
      retained: segment.retained,
      epochMs: segment.epochMs,
    });
    segment.decision = decision;
    segment.epochMs = this.now();
    if (decision.keep) {
      this.options.emit(segment.spans, decision);
      segment.spans = [];
    } else {
      this.recentSpans += segment.spans.length;
    }
    const before = this.recent.get(traceId);
    if (before !== undefined) this.forget(traceId, before);
    this.recent.set(traceId, segment);
    if (this.recentSpans > this.limits.maxRecentSpans || this.recent.size > this.limits.maxRecentSpans) {
      for (const [oldest, gone] of this.recent) {
        this.forget(oldest, gone);
        break;
      }
    }
  }

  /** A span that ends after the root of its segment: follows the decision, unless it is the first to bring an error. */
  private late(span: S, facts: EndFacts): void {
    const recent = this.recent.get(facts.traceId);
    const { decision } = recent ?? {};
    if (recent === undefined || decision === undefined) {
      this.start(facts.traceId, { traceState: undefined, retained: false });
      this.end(span, { ...facts, isRoot: true });
      return;
    }
    if (decision.keep) {
      this.options.emit([span], decision);
      return;
    }
    recent.spans.push(span);
    this.recentSpans += 1;
    if (facts.error) this.revive(facts.traceId, recent, true);
  }

  private revive(traceId: string, segment: Segment<S>, error: boolean): void {
    segment.decision = this.options.engine.decide({
      traceId,
      ...(segment.traceState !== undefined && { traceState: segment.traceState }),
      error,
      durationMs: 0,
      retained: true,
      epochMs: segment.epochMs,
    });
    if (!segment.decision.keep) return;
    this.recentSpans -= segment.spans.length;
    this.options.emit(segment.spans, segment.decision);
    segment.spans = [];
  }

  private bound(traceId: string, segment: Segment<S>): void {
    if (segment.spans.length >= this.limits.maxSpansOfSegment) this.decide(traceId, segment);
    else if (this.openSpans > this.limits.maxSpans) {
      for (const [oldest, early] of this.open) {
        this.decide(oldest, early);
        break;
      }
    }
  }

  private expire(before: number): void {
    for (const [traceId, segment] of this.recent) {
      if (segment.epochMs > before) return;
      this.forget(traceId, segment);
    }
  }

  private forget(traceId: string, segment: Segment<S>): void {
    this.recent.delete(traceId);
    if (segment.spans.length === 0) return;
    this.recentSpans -= segment.spans.length;
    this.options.sampledOut(segment.spans.length);
  }

  private get limits(): TailLimits {
    return this.options.limits ?? DEFAULT_LIMITS;
  }

  private now(): number {
    return this.options.now?.() ?? Date.now();
  }
}
