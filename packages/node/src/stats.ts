import type { Meter } from '@opentelemetry/api';

/** Why a record never reached an exporter. */
export type DropReason = 'queue_full' | 'not_started' | 'disabled' | 'stopped';

/** `created = exported + failed + dropped + queued`, where queued includes the batch under way. */
export interface SignalStats {
  created: number;
  /** Accepted by the collector. */
  exported: number;
  /** Handed to the exporter, which gave up on them. */
  failed: number;
  dropped: Partial<Record<DropReason, number>>;
  queued: number;
}

export class SignalCounts {
  created = 0;
  exported = 0;
  failed = 0;
  readonly dropped: Partial<Record<DropReason, number>> = {};

  drop(reason: DropReason, count = 1): void {
    this.dropped[reason] = (this.dropped[reason] ?? 0) + count;
  }

  stats(): SignalStats {
    const dropped = Object.values(this.dropped).reduce((sum, count) => sum + count, 0);
    return {
      created: this.created,
      exported: this.exported,
      failed: this.failed,
      dropped: { ...this.dropped },
      queued: this.created - this.exported - this.failed - dropped,
    };
  }
}

/** Counters of `unhinged.sdk.records` by signal and outcome, so that loss shows wherever the metrics go. */
export function observeCounts(meter: Meter, signals: Readonly<Record<string, SignalCounts>>): void {
  const records = meter.createObservableCounter('unhinged.sdk.records', {
    unit: '{record}',
    description: 'Telemetry records of this process by what became of them',
  });
  records.addCallback((result) => {
    for (const [signal, counts] of Object.entries(signals)) {
      result.observe(counts.created, { signal, outcome: 'created' });
      result.observe(counts.exported, { signal, outcome: 'exported' });
      result.observe(counts.failed, { signal, outcome: 'failed' });
      for (const [reason, count] of Object.entries(counts.dropped)) {
        result.observe(count, { signal, outcome: 'dropped', reason });
      }
    }
  });
}
