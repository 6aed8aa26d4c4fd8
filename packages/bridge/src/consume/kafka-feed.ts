import type { Journal } from '@unhinged/events/journal';
import {
  EventConsumer,
  type EventConsumerOptions,
  type EventSink,
  journalSink,
} from '@unhinged/events/kafka';
import type { Counters } from '../counters.js';

/** The stream to read: brokers and how to reach them. */
export interface KafkaSource extends Pick<EventConsumerOptions, 'brokers' | 'ssl' | 'sasl'> {
  /** Name of the consumer group; bridges of one name share the partitions. Default `unhinged-bridge`. */
  groupId?: string | undefined;
}

/** Reading of a stream that was begun. */
export interface KafkaFeed {
  /** Resolves when what was read is in the journal. */
  stop(): Promise<void>;
}

/** Holds the newest consumed records in the journal, so that after a restart they are known. */
const CURSOR = 'kafka-consumer';

/**
 * Kafka into the journal: typed events, and the Collector's OTLP batches as typed events. Each is stored once, together with how far the
 * stream was read. Brokers that are away are waited for; while the journal takes nothing, nothing is fetched.
 *
 * @throws ObservabilityError `bad_option`
 */
export async function startKafkaFeed(
  journal: Journal,
  counters: Counters,
  source: KafkaSource,
): Promise<KafkaFeed> {
  const { groupId = 'unhinged-bridge', ...connection } = source;
  const consumer = new EventConsumer({
    ...connection,
    groupId,
    clientId: groupId,
    sink: counting(journalSink(journal, { cursor: CURSOR }), counters),
    onTrouble: () => {
      counters.add('kafka_errors_total');
    },
  });
  counters.onCollect(() => {
    const { events, duplicates, rejected, deadLettered, gaps, lag, failing } = consumer.stats();
    counters.set('kafka_events_total', undefined, events);
    counters.set('kafka_duplicates_total', undefined, duplicates);
    counters.set('kafka_lost_events_total', undefined, gaps.lost);
    counters.set('kafka_lag_records', undefined, lag);
    counters.set('kafka_failing', undefined, failing);
    for (const [reason, count] of Object.entries(rejected)) {
      counters.set('kafka_rejected_items_total', { reason }, count);
    }
    for (const [reason, count] of Object.entries(deadLettered)) {
      counters.set('kafka_dead_lettered_total', { reason }, count);
    }
  });
  await consumer.start();
  return { stop: () => consumer.stop() };
}

/** Without a stream to read nothing of it needs to be held. */
export const forgetKafka = (journal: Journal): Promise<void> => journal.dropCursor(CURSOR);

/** Counts records of topics beside events: lag is in records, and one of the Collector's holds many events. */
function counting(sink: EventSink, counters: Counters): EventSink {
  let known: Record<string, number> = {};
  const readTo = (positions: Record<string, number>): void => {
    for (const [place, next] of Object.entries(positions)) {
      // Where a partition begins for us is not known before.
      counters.add('kafka_records_total', undefined, next - (known[place] ?? next));
    }
    known = positions;
  };
  return {
    restore: async () => {
      const restored = await sink.restore();
      readTo(restored.progress?.positions ?? {});
      return restored;
    },
    store: async (batch) => {
      await sink.store(batch);
      readTo(batch.progress.positions);
    },
  };
}
