import type { Meter } from '@opentelemetry/api';

/** What happened in sampling that figures of records do not show. */
export interface SamplingEvents {
  /** Segments decided before their end, because the tail was full. */
  decided_early: number;
  /** Segments kept after they had been left out. */
  revived: number;
  /** News of an error for tiers below that gave way before a request could take it along. */
  notice_dropped: number;
  policy_loaded: number;
  policy_rejected: number;
}

/** Counter `unhinged.sdk.sampling` by event. */
export function observeSampling(meter: Meter, read: () => SamplingEvents): void {
  meter
    .createObservableCounter('unhinged.sdk.sampling', {
      unit: '{event}',
      description:
        'What happened in sampling: early decisions, segments taken back, policies loaded and rejected',
    })
    .addCallback((result) => {
      for (const [event, count] of Object.entries<number>({ ...read() })) result.observe(count, { event });
    });
}
