import { OldestFirst, type Linked } from './oldest-first.js';
import type { SamplingPolicy } from './policy.js';
import type { SamplingDecision, SamplingEngine } from './sampling-engine.js';
import { withoutCount } from './trace-state.js';

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
  /** About what it takes in memory. Default 0. */
  bytes?: number | undefined;
  operation?: string | undefined;
}

export interface LocalTailStats {
  openSegments: number;
  openSpans: number;
  /** Held after a decision to leave them out. */
  recentSpans: number;
  /** Of both. */
  heldBytes: number;
  /** Segments decided before their end, because a limit was reached. */
  early: number;
  /** Kept after a decision to leave them out: others have been counted for them. */
  revived: number;
}

interface Segment<S> extends Linked<Segment<S>> {
  readonly traceId: string;
  spans: S[];
  /** Of `spans`. */
  bytes: number;
  openRoots: number;
  error: boolean;
  retained: boolean;
  /** Share of errors that others have been told would be kept; undefined: nobody was told. */
  promised: number | undefined;
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
  readonly #open = new Map<string, Segment<S>>();
  readonly #openOrder = new OldestFirst<Segment<S>>();
  /** The decided ones. */
  readonly #recent = new Map<string, Segment<S>>();
  readonly #recentOrder = new OldestFirst<Segment<S>>();
  #openSpans = 0;
  #recentSpans = 0;
  #heldBytes = 0;
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
    const segment: Segment<S> = {
      traceId,
      spans: [],
      bytes: 0,
      openRoots: 1,
      error: false,
      retained: facts.retained || wasKeptWhole(this.#recent.get(traceId)?.decision),
      promised: undefined,
      traceState: facts.traceState,
      since: this.#now(),
      decision: undefined,
      before: undefined,
      after: undefined,
    };
    this.#open.set(traceId, segment);
    this.#openOrder.push(segment);
  }

  /** A span has ended. */
  end(span: S, facts: EndFacts): void {
    const segment = this.#open.get(facts.traceId);
    if (segment === undefined) {
      this.#late(span, facts);
      return;
    }
    this.#hold(segment, span, facts);
    this.#openSpans += 1;
    segment.error ||= facts.error;
    if (facts.isRoot) segment.openRoots -= 1;
    if (segment.openRoots <= 0) {
      this.#decide(segment, facts);
    } else if (segment.spans.length >= this.#limits.spansOfSegment) {
      this.#early += 1;
      this.#decide(segment);
    } else if (this.#openSpans > this.#limits.openSpans) {
      this.#decideOldest();
    }
    this.#boundBytes();
  }

  /** Another tier keeps this trace for an error: so does this one, also when it was just left out. */
  keep(traceId: string): void {
    const open = this.#open.get(traceId);
    if (open !== undefined) open.retained = true;
    const recent = this.#recent.get(traceId);
    if (recent?.decision?.keep === false) this.#revive(recent);
  }

  /**
   * Will the trace be kept whole here, for an error seen in this tier or in another? A yes is a promise: others act on it, so the segment
   * is decided by the same error budget.
   *
   * @param failing It is about to get an error that no ended span shows yet.
   */
  keepsWhole(traceId: string, failing = false): boolean {
    const { engine } = this.#options;
    const segment = this.#open.get(traceId);
    if (segment === undefined) {
      const recent = this.#recent.get(traceId);
      // Decided early: its error will take it back.
      return (
        wasKeptWhole(recent?.decision) ||
        (failing && engine.passes(traceId, recent?.traceState, engine.errorShare()))
      );
    }
    if (segment.retained) return true;
    if (!segment.error && !failing) return false;
    segment.promised = Math.max(segment.promised ?? 0, engine.errorShare());
    return engine.passes(traceId, segment.traceState, segment.promised);
  }

  /** Lets go of what was left out too long ago, and decides what has been open too long. Call it every second or so. */
  sweep(): void {
    const now = this.#now();
    this.#expire(now - this.#limits.recentSeconds * 1_000);
    for (;;) {
      const { oldest } = this.#openOrder;
      if (oldest === undefined || oldest.since > now - LONGEST_MS) return;
      this.#decideOldest();
    }
  }

  /** Decides everything: the process is about to end. */
  flush(): void {
    for (;;) {
      const { oldest } = this.#openOrder;
      if (oldest === undefined) break;
      this.#decide(oldest);
    }
    this.#expire(Infinity);
  }

  stats(): LocalTailStats {
    return {
      openSegments: this.#open.size,
      openSpans: this.#openSpans,
      recentSpans: this.#recentSpans,
      heldBytes: this.#heldBytes,
      early: this.#early,
      revived: this.#revived,
    };
  }

  get #limits(): SamplingPolicy['tail'] {
    return this.#options.engine.policy.tail;
  }

  #hold(segment: Segment<S>, span: S, { bytes = 0 }: EndFacts): void {
    segment.spans.push(span);
    segment.bytes += bytes;
    this.#heldBytes += bytes;
  }

  /** The spans of a segment are no longer held. */
  #release(segment: Segment<S>): S[] {
    const { spans } = segment;
    segment.spans = [];
    this.#heldBytes -= segment.bytes;
    segment.bytes = 0;
    return spans;
  }

  #decideOldest(): void {
    const { oldest } = this.#openOrder;
    if (oldest === undefined) return;
    this.#early += 1;
    this.#decide(oldest);
  }

  #decide(segment: Segment<S>, root?: EndFacts): void {
    this.#open.delete(segment.traceId);
    this.#openOrder.remove(segment);
    this.#openSpans -= segment.spans.length;
    const decision = this.#options.engine.decide({
      traceId: segment.traceId,
      traceState: segment.traceState,
      error: segment.error,
      durationMs: root?.durationMs ?? 0,
      operation: root?.operation,
      retained: segment.retained,
      promised: segment.promised,
    });
    segment.decision = decision;
    segment.since = this.#now();
    if (decision.keep) this.#options.emit(this.#release(segment), decision);
    else this.#recentSpans += segment.spans.length;
    const before = this.#recent.get(segment.traceId);
    if (before !== undefined) this.#forget(before);
    this.#recent.set(segment.traceId, segment);
    this.#recentOrder.push(segment);
    this.#boundRecent();
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
      this.#hold(recent, span, facts);
      this.#recentSpans += 1;
      if (facts.error && this.#options.engine.takesError(facts.traceId, recent.traceState)) {
        this.#revive(recent);
      } else {
        this.#boundRecent();
        this.#boundBytes();
      }
    }
  }

  /** Keeps what was left out. Its fellows that passed the rate have been counted for it: it counts for nothing itself. */
  #revive(segment: Segment<S>): void {
    const decision: SamplingDecision = {
      keep: true,
      reason: 'retroactive',
      traceState: withoutCount(segment.traceState),
      adjustedCount: 0,
    };
    segment.decision = decision;
    this.#recentSpans -= segment.spans.length;
    this.#revived += 1;
    this.#options.emit(this.#release(segment), decision);
  }

  #boundRecent(): void {
    const { recentSpans } = this.#limits;
    while (this.#recentSpans > recentSpans || this.#recent.size > MOST_SEGMENTS) this.#forgetOldest();
  }

  /** What was left out goes first: it is held for a case that is rare. */
  #boundBytes(): void {
    const { heldBytes } = this.#limits;
    while (this.#heldBytes > heldBytes) {
      if (this.#recentSpans > 0) this.#forgetOldest();
      else this.#decideOldest();
    }
  }

  #expire(before: number): void {
    for (;;) {
      const { oldest } = this.#recentOrder;
      if (oldest === undefined || oldest.since > before) return;
      this.#forget(oldest);
    }
  }

  #forgetOldest(): void {
    const { oldest } = this.#recentOrder;
    if (oldest !== undefined) this.#forget(oldest);
  }

  #forget(segment: Segment<S>): void {
    this.#recent.delete(segment.traceId);
    this.#recentOrder.remove(segment);
    const { length } = segment.spans;
    if (length === 0) return;
    this.#recentSpans -= length;
    this.#release(segment);
    this.#options.sampledOut(length);
  }
}

/** A later request of a trace that was kept for what happened in it belongs to the whole. */
function wasKeptWhole(decision: SamplingDecision | undefined): boolean {
  return decision?.keep === true && decision.reason !== 'rate' && decision.reason !== 'operation';
}
