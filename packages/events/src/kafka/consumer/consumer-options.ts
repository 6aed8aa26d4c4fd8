import { ObservabilityError } from '@unhinged/observability-core';

import { TOPICS } from '../../topics.js';
import type { KafkaOptions } from '../options.js';
import type { ConsumerMeter } from './consumer-metrics.js';
import type { EventSink } from './event-sink.js';
import type { Gap } from './gap-detector.js';

/** The topics that emitters write to. Numbers are only without gaps in all of them together. */
export const EVENT_TOPICS: readonly string[] = [
  TOPICS.logs,
  TOPICS.traces,
  TOPICS.metrics,
  TOPICS.alerts,
  TOPICS.lake,
];

export interface EventConsumerOptions extends KafkaOptions {
  /** Name of the consumer group; its offsets follow the sink's, for tools that show lag. */
  groupId: string;
  sink: EventSink;
  /** Default: all topics that hold events. */
  topics?: readonly string[];
  /** Event ids that are remembered, so that an event that comes again is not stored again. Default 100,000. */
  dedupeIds?: number;
  /**
   * Milliseconds for which a missing number may still come, once a later one was read and the brokers answer; then it is a gap as soon
   * as everything that is in the topics was read. Default 30,000: an emitter sends a batch again within seconds.
   */
  gapGraceMs?: number;
  /** Emitters whose numbers are remembered; the one not heard of for longest is forgotten. Default 2,000. */
  maxEmitters?: number;
  /** Milliseconds after which the brokers take a member of the group for dead. Default 10,000. */
  sessionTimeoutMs?: number;
  /**
   * OpenTelemetry meter for the figures: `unhinged.events.lost` (sequence gaps), `.late`, `.missing`, `.consumed`, `.duplicates`, `.lag`. Default
   * none.
   */
  meter?: ConsumerMeter;
  /** Told of each gap, which is also stored as a log event named `unhinged.events.gap`. */
  onGap?: (gap: Gap) => void;
  /** Told of failed attempts and of what went to the dead-letter topic. */
  onTrouble?: (trouble: unknown) => void;
}

export interface EventConsumerStats {
  /** Events stored. */
  events: number;
  /** Events that came again and were left out. */
  duplicates: number;
  /** Items of OTLP batches that are no spans, metrics or log records, by reason. */
  rejected: Readonly<Record<string, number>>;
  /** Records of topics that hold no event, now in the dead-letter topic, by reason. */
  deadLettered: Readonly<Record<string, number>>;
  gaps: {
    /** Numbers that did not come within the grace. */
    lost: number;
    /** Of them, those that came later: their emitter alone was cut off for longer. `lost - late` never came. */
    late: number;
    /** Numbers that did not come yet. */
    pending: number;
    /** False while another member of the group reads some of the partitions, or not all topics are read: then nothing is known. */
    watched: boolean;
  };
  /** Records of the topics that were not read yet, as of the last answers of the brokers. */
  lag: number;
  /** Attempts that failed since the last success; 0 while all is well. */
  failing: number;
}

export type ResolvedConsumerOptions = Required<Omit<EventConsumerOptions, keyof KafkaOptions | 'meter'>>;

/** Fills in the defaults. @throws ObservabilityError `bad_option` with the name, what was expected and what was given. */
export function resolveConsumerOptions(options: EventConsumerOptions): ResolvedConsumerOptions {
  const { groupId, topics = EVENT_TOPICS } = options;
  if (typeof groupId !== 'string' || groupId === '') fail('groupId', 'a name', groupId);
  if (!Array.isArray(topics) || topics.length === 0) fail('topics', 'a list of names', topics);
  const number = (
    name: 'dedupeIds' | 'gapGraceMs' | 'maxEmitters' | 'sessionTimeoutMs',
    fallback: number,
  ) => {
    const value = options[name] ?? fallback;
    return value >= 1 ? value : fail(name, 'a number of at least 1', value);
  };
  return {
    groupId,
    topics,
    sink: options.sink,
    dedupeIds: number('dedupeIds', 100_000),
    gapGraceMs: number('gapGraceMs', 30_000),
    maxEmitters: number('maxEmitters', 2_000),
    sessionTimeoutMs: number('sessionTimeoutMs', 10_000),
    onGap: options.onGap ?? (() => undefined),
    onTrouble: options.onTrouble ?? (() => undefined),
  };
}

function fail(name: string, expected: string, given: unknown): never {
  throw new ObservabilityError(
    'bad_option',
    `Consumer option ${name}: expected ${expected}, got ${given === undefined ? 'nothing' : JSON.stringify(given)}.`,
  );
}
