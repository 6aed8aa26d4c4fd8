import type { Meter } from '@opentelemetry/api';

/** Why a record was lost. */
export type DropReason =
  /** No room: the collector is slow or away. */
  | 'queue_full'
  /** No room on disk: the spool is at its cap, or cannot be written. */
  | 'spool_full'
  /** The collector refused it for good: a status that is not retried, or a partial success. */
  | 'rejected'
  /** Alone larger than the collector takes. */
  | 'too_large'
  /** A part of the program that records are handed to failed with them. */
  | 'failed'
  /** Still queued when the process ended. */
  | 'exit'
  /** Nobody reads: the other end of stdout is closed. */
  | 'closed'
  | 'not_started'
  | 'disabled'
  | 'stopped';

/**
 * `created = exported + sampledOut + dropped + queued`. Queued is all that has no outcome yet: in the sampler's tail, in the queue,
 * under way, in the spool.
 */
export interface SignalStats {
  created: number;
  /** Accepted by the collector. */
  exported: number;
  /** Left out on purpose, by the sampling policy. */
  sampledOut: number;
  dropped: Partial<Record<DropReason, number>>;
  queued: number;
}

export class SignalCounts {
  created = 0;
  exported = 0;
  sampledOut = 0;
  readonly dropped: Partial<Record<DropReason, number>> = {};

  drop(reason: DropReason, count = 1): void {
    this.dropped[reason] = (this.dropped[reason] ?? 0) + count;
  }

  stats(): SignalStats {
    const dropped = Object.values(this.dropped).reduce((sum, count) => sum + count, 0);
    return {
      created: this.created,
      exported: this.exported,
      sampledOut: this.sampledOut,
      dropped: { ...this.dropped },
      queued: this.created - this.exported - this.sampledOut - dropped,
    };
  }
}

/**
 * Counters of `unhinged.sdk.records` by signal and outcome, and `unhinged.sdk.queued` for what has none yet, so that loss shows wherever
 * the metrics go.
 */
export function observeCounts(meter: Meter, signals: Readonly<Record<string, SignalCounts>>): void {
  const records = meter.createObservableCounter('unhinged.sdk.records', {
    unit: '{record}',
    description: 'Telemetry records of this process by what became of them',
  });
  const waiting = meter.createObservableUpDownCounter('unhinged.sdk.queued', {
    unit: '{record}',
    description: 'Telemetry records of this process that have no outcome yet',
  });
  // One callback for both, so that they add up.
  meter.addBatchObservableCallback(
    (result) => {
      for (const [signal, counts] of Object.entries(signals)) {
        const { created, exported, sampledOut, dropped, queued } = counts.stats();
        result.observe(records, created, { signal, outcome: 'created' });
        result.observe(records, exported, { signal, outcome: 'exported' });
        result.observe(records, sampledOut, { signal, outcome: 'sampled_out' });
        for (const [reason, count] of Object.entries(dropped)) {
          result.observe(records, count, { signal, outcome: 'dropped', reason });
        }
        result.observe(waiting, queued, { signal });
      }
    },
    [records, waiting],
  );
}
