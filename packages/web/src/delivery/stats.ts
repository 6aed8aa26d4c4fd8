import type { SignalName } from './batch.js';
import { reportProblem } from '../report.js';

/** Why something was not sent. */
export type DropReason =
  /** More was recorded than could be sent in the meantime: 1 MiB waits at most. */
  | 'buffer_full'
  /** It could not be encoded. */
  | 'invalid'
  /** The receiver does not take it, and would not later. */
  | 'refused'
  /** What could not be sent was more than the queue may hold. */
  | 'queue_full'
  /** It waited for longer than the queue may. */
  | 'expired';

export type DropCounts = Partial<Record<DropReason, number>>;

/** What became of the items of one signal: recorded = waiting + sent + queued + all that was dropped. */
export interface SignalStats {
  recorded: number;
  waiting: number;
  sent: number;
  /** Could not be sent and went to the queue on disk, from which any tab may send them. */
  queued: number;
  dropped: DropCounts;
}

/** What this page did with the queue, whoever had put it there; items of all signals. */
export interface QueueStats {
  sent: number;
  dropped: DropCounts;
}

export interface DeliveryStats {
  spans: SignalStats;
  logs: SignalStats;
  metrics: SignalStats;
  queue: QueueStats;
}

export const noDelivery = (): DeliveryStats => ({
  spans: nothing(),
  logs: nothing(),
  metrics: nothing(),
  queue: { sent: 0, dropped: {} },
});

const nothing = (): SignalStats => ({ recorded: 0, waiting: 0, sent: 0, queued: 0, dropped: {} });

const told = new Set<DropReason>();

/** Counts what was dropped; the first of each reason is told on the console. */
export function drop(
  counts: { dropped: DropCounts },
  reason: DropReason,
  items: number,
  signal: SignalName,
): void {
  if (items === 0) return;
  counts.dropped[reason] = (counts.dropped[reason] ?? 0) + items;
  if (told.has(reason)) return;
  told.add(reason);
  reportProblem(`Dropped ${items} ${signal} (${reason}). More are counted in stats() and not told.`);
}
