import type { EventRecord } from '../../transport.js';

/** How far a consumer has come. Plain JSON. */
export interface ConsumerProgress {
  /** Next offset to read, by `topic/partition`. */
  positions: Record<string, number>;
  /** What is known of each emitter's numbers. */
  emitters: EmitterProgress[];
  /** Unix milliseconds since which everything in the topics was read. */
  since: number;
}

/** Numbers `low` to `high` of an emitter were seen, but for those in `missing` (first and last of each run). */
export interface EmitterProgress {
  id: string;
  low: number;
  high: number;
  missing: [first: number, last: number][];
  /** Gaps that were told of, and whose numbers did not come since. */
  told?: [first: number, last: number][];
}

/** New events, in the order of their partitions, and where the consumer is once they are stored. */
export interface ConsumedBatch {
  records: readonly EventRecord[];
  progress: ConsumerProgress;
  /** Ids of the newest events, those of this batch included: for a sink that cannot find them in its output. Made when asked for. */
  recentIds(): string[];
}

/** What a sink finds in its output. */
export interface RestoredState {
  /** Of the newest batch that is stored; undefined when there is none. */
  progress: ConsumerProgress | undefined;
  /** At least those of events that are stored and were not part of that batch or an earlier one; best the newest 100,000. */
  recentIds: Iterable<string>;
}

/**
 * Where the events of an `EventConsumer` go. It stores the consumer's progress together with its output, so that after any crash
 * both are there, or the ids of the events that are tell them apart: what is stored is stored once.
 */
export interface EventSink {
  /** Called before reading begins. */
  restore(): Promise<RestoredState>;
  /** Resolves when batch and progress are durable. Rejects when nothing of the batch is stored: then it comes again. */
  store(batch: ConsumedBatch): Promise<void>;
}
