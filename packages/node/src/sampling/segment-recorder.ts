import type { Span, SpanContext, TraceState } from '@opentelemetry/api';
import { TraceState as W3cTraceState } from '@opentelemetry/core';
import type { ReadableSpan } from '@opentelemetry/sdk-trace-base';
import {
  LocalTail,
  OperationClasses,
  type SamplingDecision,
  type SamplingEngine,
  type SamplingPolicy,
  type SamplingReason,
} from '@unhinged/observability-core';
import type { SpanSink } from '../export/span-sink.js';
import { exemplars } from '../metrics/exemplars.js';
import type { SignalCounts } from '../stats.js';
import { RecordingSpan } from '../trace/span.js';
import type { Recorder, Start } from '../trace/tracer.js';
import type { Keeps } from './keep-hooks.js';
import { isMarked, marked } from './keep-mark.js';
import { KeepNotices } from './keep-notices.js';
import type { SamplingEvents } from './observe-sampling.js';
import { operationClass } from './operation-class.js';
import { RequestDurations } from './request-durations.js';
import { hasFailed, isLocalRoot } from './span-facts.js';

/** Attribute of the local root of a kept segment: what it was kept for. */
export const ATTR_SAMPLING_REASON = 'unhinged.sampling.reason';

const KEPT_FOR_ERROR: ReadonlySet<SamplingReason> = new Set(['error', 'budget', 'retroactive']);
const SWEEP_MS = 1_000;
const LOCAL_SAMPLED: Start = { recorded: true, sampled: true, traceState: undefined };
const LOCAL_RECORDED: Start = { recorded: true, sampled: false, traceState: undefined };

/**
 * Records every span; when the local root of a segment ends, the policy decides about all of it. The sampled flag, which goes along
 * with calls, says what is known before that: the consistent decision by rate, and once an error has been seen, that the trace will be
 * kept. It does not follow the parent's flag: under a parent at 1 % the rates of the tiers below would never apply.
 */
export class SegmentRecorder implements Recorder, Keeps {
  private readonly tail: LocalTail<ReadableSpan>;
  private readonly notices = new KeepNotices();
  private readonly durations = new RequestDurations();
  private readonly sweeping: NodeJS.Timeout;
  private rules: SamplingPolicy['classes'] | undefined;
  private classes: OperationClasses | undefined;
  private stopped = false;

  constructor(
    private readonly engine: SamplingEngine,
    private readonly sinks: readonly SpanSink[],
    private readonly counts: SignalCounts,
  ) {
    this.tail = new LocalTail({
      engine,
      emit: (spans, decision) => {
        this.emit(spans, decision);
      },
      sampledOut: (count) => {
        counts.sampledOut += count;
      },
    });
    this.sweeping = setInterval(() => {
      this.tail.sweep();
    }, SWEEP_MS);
    this.sweeping.unref();
  }

  start(traceId: string, parent: SpanContext | undefined): Start {
    if (parent === undefined || parent.isRemote === true) return this.begin(traceId, parent?.traceState);
    const { traceState } = parent;
    const sampled = (parent.traceFlags & 1) === 1;
    if (this.tail.keepsWhole(traceId) && !(sampled && isMarked(traceState))) {
      return { recorded: true, sampled: true, traceState: marked(parent) };
    }
    if (traceState === undefined) return sampled ? LOCAL_SAMPLED : LOCAL_RECORDED;
    return { recorded: true, sampled, traceState };
  }

  onStart(): void {
    // What begins has been told to the tail by then.
  }

  onEnd(span: ReadableSpan): void {
    this.counts.created += 1;
    if (this.stopped) {
      this.counts.drop('stopped');
      return;
    }
    const isRoot = isLocalRoot(span);
    const operation = isRoot ? this.classOf(span) : undefined;
    if (isRoot) this.durations.record(span, operation);
    this.tail.end(span, {
      traceId: span.spanContext().traceId,
      isRoot,
      error: hasFailed(span),
      bytes: span instanceof RecordingSpan ? span.heldBytes : 0,
      durationMs: isRoot ? span.duration[0] * 1e3 + span.duration[1] / 1e6 : 0,
      operation,
    });
  }

  has(traceId: string, failing?: boolean): boolean {
    return this.tail.keepsWhole(traceId, failing);
  }

  keep(traceId: string): void {
    this.tail.keep(traceId);
  }

  noticeFor(call: Span): string | undefined {
    return this.notices.take(call);
  }

  /** Since the start. */
  events(): Pick<SamplingEvents, 'decided_early' | 'revived' | 'notice_dropped'> {
    const { early, revived } = this.tail.stats();
    return { decided_early: early, revived, notice_dropped: this.notices.dropped };
  }

  /** Decides every open segment with what is known of it: the process is about to end. */
  decideAll(): void {
    this.tail.flush();
  }

  async forceFlush(): Promise<void> {
    await Promise.all(this.sinks.map((sink) => sink.flush()));
  }

  async shutdown(): Promise<void> {
    if (this.stopped) return;
    this.decideAll();
    this.stopped = true;
    clearInterval(this.sweeping);
    await Promise.all(this.sinks.map((sink) => sink.shutdown()));
  }

  private readonly pointOf = (root: ReadableSpan) => this.durations.attributesOf(root, this.classOf(root));

  private classOf(root: ReadableSpan): string | undefined {
    const { classes } = this.engine.policy;
    if (classes !== this.rules) {
      this.rules = classes;
      this.classes = classes.length === 0 ? undefined : new OperationClasses(classes);
    }
    return operationClass(root, this.classes);
  }

  private begin(traceId: string, incoming: TraceState | undefined): Start {
    const retained = isMarked(incoming);
    const text = incoming?.serialize();
    this.tail.start(traceId, { traceState: text, retained });
    if (retained) return { recorded: true, sampled: true, traceState: incoming };
    const { keep, traceState } = this.engine.expect(traceId, text);
    if (traceState === '') return keep ? LOCAL_SAMPLED : LOCAL_RECORDED;
    return { recorded: true, sampled: keep, traceState: new W3cTraceState(traceState) };
  }

  private emit(spans: readonly ReadableSpan[], decision: SamplingDecision): void {
    for (const span of spans) {
      const isRoot = isLocalRoot(span);
      // It has ended, so it takes no attributes any more, but it has not left.
      if (isRoot) span.attributes[ATTR_SAMPLING_REASON] = decision.reason;
      exemplars.offer(span, isRoot, this.pointOf);
    }
    if (KEPT_FOR_ERROR.has(decision.reason)) {
      this.notices.add(spans, (span) => isMarked(span.spanContext().traceState));
    }
    for (const sink of this.sinks) sink.add(spans, decision.traceState);
  }
}

/** `OTEL_TRACES_SAMPLER=always_off`: contexts go on, nothing is recorded. */
export const recordNothing: Recorder = {
  start: (_traceId, parent) => ({ recorded: false, sampled: false, traceState: parent?.traceState }),
  onStart: () => undefined,
  onEnd: () => undefined,
  forceFlush: () => Promise.resolve(),
  shutdown: () => Promise.resolve(),
};
