import { SamplingEngine } from '@unhinged/observability-core';
import type { ServiceType } from '../config/options.js';
import type { Report } from '../config/read-env.js';
import type { SpanSink } from '../export/span-sink.js';
import type { Instrumented } from '../instrument/instrumentations.js';
import type { SignalCounts } from '../stats.js';
import type { Recorder } from '../trace/tracer.js';
import type { PolicyChoice } from './choose-policy.js';
import { GrpcKeep } from './grpc-keep.js';
import { addKeepHooks } from './keep-hooks.js';
import type { SamplingEvents } from './observe-sampling.js';
import { watchPolicyFile } from './policy-file.js';
import { recordNothing, SegmentRecorder } from './segment-recorder.js';

/** Sampling of a process. */
export interface Sampling {
  readonly recorder: Recorder;
  /** Lets these carry and heed what tiers tell each other about kept traces. */
  instrument(instrumented: Pick<Instrumented, 'chosen' | 'loaded'>): void;
  /** Decides all that is open, because the process is about to end. */
  decideAll(): void;
  /** Since the start. */
  events(): SamplingEvents;
  /** Ends the watch of the policy file. */
  stop(): void;
}

const NO_EVENTS: SamplingEvents = {
  ...{ decided_early: 0, revived: 0, notice_dropped: 0 },
  ...{ policy_loaded: 0, policy_rejected: 0 },
};

export function startSampling(
  choice: PolicyChoice,
  of: { serviceType: ServiceType; service: string },
  sinks: readonly SpanSink[],
  {
    counts,
    policyLoads,
  }: { counts: { spans: SignalCounts }; policyLoads: { loaded: number; rejected: number } },
  report: Report,
): Sampling {
  if (choice.kind === 'nothing') {
    const nothing = () => undefined;
    const events = () => NO_EVENTS;
    return { recorder: recordNothing, instrument: nothing, decideAll: nothing, events, stop: nothing };
  }
  const engine = new SamplingEngine({
    policy: choice.kind === 'file' ? choice.until : choice.policy,
    ...of,
  });
  const stopWatch =
    choice.kind === 'file'
      ? watchPolicyFile(choice.path, {
          onPolicy: (policy) => {
            policyLoads.loaded += 1;
            engine.setPolicy(policy.sampling);
          },
          onProblem: (problem) => {
            policyLoads.rejected += 1;
            report(`the sampling policy stays as it was: ${problem.message}`);
          },
        })
      : () => undefined;
  const recorder = new SegmentRecorder(engine, sinks, counts.spans);
  let grpcKeep: GrpcKeep | undefined;
  return {
    recorder,
    instrument: ({ chosen, loaded }) => {
      addKeepHooks(loaded, recorder);
      if (chosen.includes('grpc')) grpcKeep = new GrpcKeep(recorder);
    },
    decideAll: () => {
      recorder.decideAll();
    },
    events: () => ({
      ...recorder.events(),
      policy_loaded: policyLoads.loaded,
      policy_rejected: policyLoads.rejected,
    }),
    stop: () => {
      stopWatch();
      grpcKeep?.disable();
    },
  };
}
