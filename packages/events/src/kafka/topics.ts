import type { Kafka } from 'kafkajs';

import type { TopicOptions } from './options.js';

/** Partitions of a new topic: the parallelism of the stream job. */
const PARTITIONS = 6;
const WEEK_MS = 7 * 24 * 3600 * 1000;

/**
 * Makes the topics that are not there; what is there stays as it is. Fewer brokers than the wanted replication mean fewer
 * replicas, so that one machine needs no settings. Two processes may do it at the same time.
 */
export async function createMissingTopics(
  kafka: Kafka,
  topics: readonly string[],
  options: TopicOptions,
): Promise<void> {
  const admin = kafka.admin({ retry: { retries: 0 } });
  try {
    await admin.connect();
    const existing = new Set(await admin.listTopics());
    const missing = topics.filter((topic) => !existing.has(topic));
    if (missing.length === 0) return;
    const { brokers } = await admin.describeCluster();
    const replicas = options.replicationFactor ?? Math.min(3, brokers.length);
    await admin.createTopics({
      waitForLeaders: true,
      topics: missing.map((topic) => ({
        topic,
        numPartitions: options.partitions ?? PARTITIONS,
        replicationFactor: replicas,
        configEntries: [
          { name: 'retention.ms', value: String(options.retentionMs ?? WEEK_MS) },
          // With `acks: -1` a record is on this many disks before it counts as sent.
          { name: 'min.insync.replicas', value: String(Math.max(1, replicas - 1)) },
        ],
      })),
    });
  } finally {
    await admin.disconnect().catch(() => undefined);
  }
}
