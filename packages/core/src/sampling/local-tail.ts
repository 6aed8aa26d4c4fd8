import type { SamplingPolicy } from './policy.js';
import type { SamplingDecision, SamplingEngine } from './sampling-engine.js';
import { withThreshold } from './trace-state.js';

export interface LocalTailOptions<S> {
  engine: SamplingEngine;
  /** Gets what is kept: a segment, or a span that came after its segment was decided. */
  emit: (spans: S[], decision: SamplingDecision) => void;
  /** Told how many spans were let go for good. */
  sampledOut: (spans: number) => void;
  /** Milliseconds of any clock that runs evenly. Default `Date.now`. */
  now?: () => number;
}

/** What a span that has ended says. */
export interface EndFacts {
  traceId: string;
  /** It is a local root: the first of a trace, or of one of its requests, in this process. */
  isRoot: boolean;
  error: boolean;
  durationMs: number;
  operation?: string | undefined;
}

export interface LocalTailStats {
  openSegments: number;
  openSpans: number;
  /** Held after a decision to leave them out. */
  recentSpans: number;
  /** Segments decided before their end, because a limit was reached. */
  early: number;
  /** Kept after a decision to leave them out: what they stand for is not known, and they have no threshold. */
  revived: number;
}

interface Segment<S> {
  readonly traceId: string;
  spans: S[];
  openRoots: number;
  error: boolean;
  retained: boolean;
  traceState: string | undefined;
  /** When it began; once decided, when that was. */
  since: number;
  decision: SamplingDecision | undefined;
}

/** Most segments at a time, open or decided: an entry without spans is small, but not nothing. */
const MOST_SEGMENTS = 20_000;
/** A segment that lasts longer is decided with what is known: its end may never come. */
const LONGEST_MS = 60_000;

/**
 * Holds the spans of each segment until its last local root ends, then asks the engine about all of it. What is left out stays for
 * some seconds: a caller may yet learn that the trace is kept for an error elsewhere. Everything is bounded by the policy's
 * `tail`; a segment that reaches a limit is decided early, nothing is lost without a decision. O(1) for a span.
 */
export class LocalTail<S> {
  readonly #options: LocalTailOptions<S>;
  readonly #now: () => number;
  /** Oldest first, as Maps keep their order. */
  readonly #open = new Map<string, Segment<S>>();
  readonly #recent = new Map<string, Segment<S>>();
  /**
   * The decided ones from `#first` on, oldest first. Not read off the Map: asked for its first entry, V8 walks over all that were deleted
   * since the Map last grew, which made this the dearest part of a span.
   */
  #order: Segment<S>[] = [];
  #first = 0;
  #openSpans = 0;
  #recentSpans = 0;
  #early = 0;
  #revived = 0;

  constructor(options: LocalTailOptions<S>) {
    this.#options = options;
    this.#now = options.now ?? Date.now;
  }

  /** A local root begins. */
  start(traceId: string, facts: { traceState?: string | undefined; retained: boolean }): void {
    const known = this.#open.get(traceId);
    if (known !== undefined) {
      known.openRoots += 1;
      known.retained ||= facts.retained;
      return;
    }
    if (facts.retained) this.keep(traceId);
    if (this.#open.size >= MOST_SEGMENTS) this.#decideOldest();
    this.#open.set(traceId, {
      traceId,
      spans: [],
      openRoots: 1,
      error: false,
      retained: facts.retained || wasKeptWhole(this.#recent.get(traceId)?.decision),
      traceState: facts.traceState,
      since: this.#now(),
      decision: undefined,
    });
  }

  /** A span has ended. */
  end(span: S, facts: EndFacts): void {
    const segment = this.#open.get(facts.traceId);
    if (segment === undefined) {
      this.#late(span, facts);
      return;
    }
    segment.spans.push(span);
    this.#openSpans += 1;
    segment.error ||= facts.error;
    if (facts.isRoot) segment.openRoots -= 1;
    if (segment.openRoots <= 0) {
      this.#decide(facts.traceId, segment, facts);
    } else if (segment.spans.length >= this.#limits.spansOfSegment) {
      this.#early += 1;
      this.#decide(facts.traceId, segment);
    } else if (this.#openSpans > this.#limits.openSpans) {
      this.#decideOldest();
    }
  }

  /** Another tier keeps this trace for an error: so does this one, also when it was just left out. */
  keep(traceId: string): void {
    const open = this.#open.get(traceId);
    if (open !== undefined) open.retained = true;
    const recent = this.#recent.get(traceId);
    if (recent?.decision?.keep === false) this.#revive(recent);
  }

  /** True when the open segment of the trace is going to be kept for an error, here or elsewhere. */
  hasError(traceId: string): boolean {
    const segment = this.#open.get(traceId);
    return segment !== undefined && (segment.error || segment.retained);
  }

  /** Lets go of what was left out too long ago, and decides what has been open too long. Call it every second or so. */
  sweep(): void {
    const now = this.#now();
    this.#expire(now - this.#limits.recentSeconds * 1_000);
    for (const [traceId, segment] of this.#open) {
      if (segment.since > now - LONGEST_MS) return;
      this.#early += 1;
      this.#decide(traceId, segment);
    }
  }

  /** Decides everything: the process is about to end. */
  flush(): void {
    for (const [traceId, segment] of this.#open) this.#decide(traceId, segment);
    this.#expire(Infinity);
  }

  stats(): LocalTailStats {
    return {
      openSegments: this.#open.size,
      openSpans: this.#openSpans,
      recentSpans: this.#recentSpans,
      early: this.#early,
      revived: this.#revived,
    };
  }

  get #limits(): SamplingPolicy['tail'] {
    return this.#options.engine.policy.tail;
  }

  #decideOldest(): void {
    for (const [traceId, segment] of this.#open) {
      this.#early += 1;
      this.#decide(traceId, segment);
      return;
    }
  }

  #decide(traceId: string, segment: Segment<S>, root?: EndFacts): void {
    this.#open.delete(traceId);
    this.#openSpans -= segment.spans.length;
    const { spans } = segment;
    const decision = this.#options.engine.decide({
      traceId,
      traceState: segment.traceState,
      error: segment.error,
      durationMs: root?.durationMs ?? 0,
      operation: root?.operation,
      retained: segment.retained,
    });
    segment.decision = decision;
    segment.since = this.#now();
    if (decision.keep) {
      segment.spans = [];
      this.#options.emit(spans, decision);
    } else {
      this.#recentSpans += spans.length;
    }
    this.#remember(traceId, segment);
  }

  /** A span that ends after its segment was decided follows the decision, unless it brings the first error. */
  #late(span: S, facts: EndFacts): void {
    const recent = this.#recent.get(facts.traceId);
    if (recent?.decision === undefined) {
      // Forgotten, or its root began before us: a segment of its own.
      this.start(facts.traceId, { retained: false });
      this.end(span, { ...facts, isRoot: true });
    } else if (recent.decision.keep) {
      this.#options.emit([span], recent.decision);
    } else {
      recent.spans.push(span);
      this.#recentSpans += 1;
      if (facts.error) this.#revive(recent);
      else this.#boundRecent();
    }
  }

  /**
   * Keeps what was left out. Its fellows that passed the rate have been counted for it, so it stands for nothing that can be said:
   * no threshold (W3C trace state without `th`: unknown probability).
   */
  #revive(segment: Segment<S>): void {
    const { spans, traceState } = segment;
    const decision: SamplingDecision = {
      keep: true,
      reason: 'retroactive',
      traceState: withThreshold(traceState, undefined),
      adjustedCount: 0,
    };
    segment.decision = decision;
    segment.spans = [];
    this.#recentSpans -= spans.length;
    this.#revived += 1;
    this.#options.emit(spans, decision);
  }

  #remember(traceId: string, segment: Segment<S>): void {
    const before = this.#recent.get(traceId);
    if (before !== undefined) this.#forget(before);
    this.#recent.set(traceId, segment);
    this.#order.push(segment);
    this.#boundRecent();
  }

  #boundRecent(): void {
    const { recentSpans } = this.#limits;
    while (this.#recentSpans > recentSpans || this.#recent.size > MOST_SEGMENTS) this.#forgetOldest();
  }

  #expire(before: number): void {
    for (;;) {
      const oldest = this.#order[this.#first];
      if (oldest === undefined || oldest.since > before) return;
      this.#forgetOldest();
    }
  }

  #forgetOldest(): void {
    const oldest = this.#order[this.#first];
    if (oldest === undefined) return;
    this.#first += 1;
    if (this.#first * 2 > this.#order.length && this.#first > 1_000) {
      this.#order = this.#order.slice(this.#first);
      this.#first = 0;
    }
    // It may have given way to a later segment of its trace.
    if (this.#recent.get(oldest.traceId) === oldest) this.#forget(oldest);
  }

  #forget(segment: Segment<S>): void {
    this.#recent.delete(segment.traceId);
    if (segment.spans.length === 0) return;
    this.#recentSpans -= segment.spans.length;
    this.#options.sampledOut(segment.spans.length);
    // The order may hold it for a while.
    segment.spans = [];
  }
}

/** A later request of a trace that was kept for what happened in it belongs to the whole. */
function wasKeptWhole(decision: SamplingDecision | undefined): boolean {
  return decision?.keep === true && decision.reason !== 'rate' && decision.reason !== 'operation';
}
