import type { Kafka } from 'kafkajs';

/** How a partition is called in positions. */
export const placeOf = (topic: string, partition: number): string => `${topic}/${partition}`;

/** Present ends of all partitions of the topics, by `topic/partition`; 0 for a partition from which nothing can be read. */
export async function partitionEnds(kafka: Kafka, topics: readonly string[]): Promise<Map<string, number>> {
  const admin = kafka.admin({ retry: { retries: 0 } });
  try {
    await admin.connect();
    const ends = new Map<string, number>();
    for (const topic of topics) {
      for (const { partition, high, low } of await admin.fetchTopicOffsets(topic)) {
        ends.set(placeOf(topic, partition), high === low ? 0 : Number(high));
      }
    }
    return ends;
  } finally {
    await admin.disconnect().catch(() => undefined);
  }
}
