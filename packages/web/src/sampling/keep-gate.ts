import type { SignalName } from '../delivery/batch.js';
import type { SessionState } from '../session/session-state.js';
import type { Session } from '../session/session.js';
import { COUNTED_BY_OTHERS, KEPT_FOR_ERROR, type SessionVerdict } from './session-sampler.js';

/** Something that wants to be sent. */
export interface Candidate {
  signal: SignalName;
  sessionId: string;
  /** Undefined for what belongs to no trace. */
  traceId: string | undefined;
  /** It is, or tells of, an error: its session is kept. */
  error: boolean;
  /** Sends it, with the trace state of its decision (`ot=th:…`, or `unhinged=c:0`: others have been counted for it). */
  send(traceState: string): void;
}

export type SignalCounts = Record<SignalName, number>;

export interface KeepGateStats {
  /** Waiting for an error that would keep them. */
  held: SignalCounts;
  /** Let go for good. */
  sampledOut: SignalCounts;
}

interface Judged {
  sessionId: string;
  verdict: SessionVerdict;
  kept: boolean;
}

/** The last items of a session that is not kept: what led to its error. More would be memory taken from the page. */
const MAX_HELD = 1_000;
/** Traces that are kept by another tier, or that begin with a user action; the oldest are forgotten. */
const MAX_TRACES = 256;
/** Spans of clicks and submits, whose traces have a rate of their own. */
const USER_ACTION = 'browser.user_action.';

/**
 * The one place that decides what is kept, for all three signals, so that they agree. Items of a session that its rate keeps pass.
 * Of another session the last 1,000 are held: the first error, here or in another tab, sends them and everything after them; a back
 * end that keeps a trace for an error (`traceresponse`) sends those of that trace. What is pushed out, or held when the session ends,
 * is counted as sampled out.
 *
 * Weights stay unbiased: what was held counts for nothing, as items like it in sampled sessions have been counted for it; from the error
 * on everything is kept for certain and has threshold 0.
 */
export class KeepGate {
  readonly #session: Session;
  readonly #decide: (sessionId: string) => SessionVerdict;
  /** Oldest first. */
  #held: Candidate[] = [];
  readonly #sampledOut: SignalCounts = { spans: 0, logs: 0, metrics: 0 };
  readonly #retained = new RecentSet(MAX_TRACES);
  readonly #actions = new RecentSet(MAX_TRACES);
  /** When it is first needed, as the session. */
  #judged: Judged | undefined;
  /** Of the session before: its spans may end after it did. */
  #previous: Judged | undefined;
  readonly #unlisten: () => void;

  constructor(session: Session, decide: (sessionId: string) => SessionVerdict) {
    this.#session = session;
    this.#decide = decide;
    this.#unlisten = session.onChange((change) => {
      if (change.kind === 'kept') this.#keep();
      else this.#turn(change.state, change.before);
    });
  }

  /** A span begins: whether, by what is known now, it will be kept. Its calls tell the back ends so. */
  begins(traceId: string, name: string): boolean {
    if (name.startsWith(USER_ACTION)) this.#actions.add(traceId);
    const { kept, verdict } = this.#current;
    return kept || this.#byRate(traceId, verdict) !== undefined;
  }

  add(item: Candidate): void {
    const of = item.sessionId === this.#previous?.sessionId ? this.#previous : this.#current;
    if (item.error && !of.kept) {
      // Not of a session that is over: it can no longer be kept for the other tabs, but here it is.
      if (of === this.#current) this.#session.keepBecauseOfError();
      else of.kept = true;
    }
    const traceState = of.kept ? KEPT_FOR_ERROR : this.#byRate(item.traceId, of.verdict);
    if (traceState !== undefined) item.send(traceState);
    else if (of === this.#current) this.#hold(item);
    else this.#sampledOut[item.signal]++;
  }

  /** Another tier keeps the trace. */
  keepTrace(traceId: string): void {
    if (this.#retained.has(traceId)) return;
    this.#retained.add(traceId);
    const held = this.#held;
    this.#held = held.filter((item) => item.traceId !== traceId);
    for (const item of held) if (item.traceId === traceId) item.send(COUNTED_BY_OTHERS);
  }

  stats(): KeepGateStats {
    const held = { spans: 0, logs: 0, metrics: 0 };
    for (const { signal } of this.#held) held[signal]++;
    return { held, sampledOut: { ...this.#sampledOut } };
  }

  /** What is held is let go. */
  stop(): void {
    this.#unlisten();
    this.#letGo(this.#held.length);
  }

  get #current(): Judged {
    return (this.#judged ??= this.#judge({ id: this.#session.id(), kept: this.#session.kept }));
  }

  #byRate(traceId: string | undefined, { all, actions }: SessionVerdict): string | undefined {
    if (actions !== undefined && this.#actions.has(traceId)) return actions;
    return all ?? (this.#retained.has(traceId) ? COUNTED_BY_OTHERS : undefined);
  }

  #hold(item: Candidate): void {
    this.#held.push(item);
    // In one go for many: shifting each time would move all of them.
    if (this.#held.length >= MAX_HELD * 1.25) this.#letGo(this.#held.length - MAX_HELD);
  }

  #letGo(count: number): void {
    for (const { signal } of this.#held.splice(0, count)) this.#sampledOut[signal]++;
  }

  #keep(): void {
    this.#current.kept = true;
    const held = this.#held;
    this.#held = [];
    for (const item of held) item.send(COUNTED_BY_OTHERS);
  }

  #turn(state: SessionState, before: SessionState | undefined): void {
    if (before) {
      this.#previous = before.id === this.#judged?.sessionId ? this.#judged : this.#judge(before);
    }
    if (state.id === this.#judged?.sessionId) return;
    this.#judged = this.#judge(state);
    this.#letGo(this.#held.length);
  }

  #judge({ id, kept }: Pick<SessionState, 'id' | 'kept'>): Judged {
    return { sessionId: id, verdict: this.#decide(id), kept };
  }
}

/** Remembers the last values. */
class RecentSet {
  readonly #max: number;
  readonly #values = new Set<string | undefined>();

  constructor(max: number) {
    this.#max = max;
  }

  has(value: string | undefined): boolean {
    // Empty as a rule, and the first look at a text has the price of a hash.
    return this.#values.size > 0 && this.#values.has(value);
  }

  add(value: string): void {
    this.#values.add(value);
    if (this.#values.size <= this.#max) return;
    for (const oldest of this.#values) {
      this.#values.delete(oldest);
      return;
    }
  }
}
