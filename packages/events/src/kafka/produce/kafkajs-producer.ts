import type { Kafka } from 'kafkajs';
// @ts-expect-error no types: an inner module of kafkajs
import produceProtocol from 'kafkajs/src/protocol/requests/produce/index.js';

import type { KafkaRecord } from '../record-client.js';
import { partitionOf } from './partition.js';
import { encodeProduceRequest, type PartitionBatch } from './produce-request.js';
import { encodeBatch } from './record-batch.js';

/** What we use of the inside of kafkajs 2.2.4, as it is there. */
interface Cluster {
  connect(): Promise<void>;
  disconnect(): Promise<void>;
  addMultipleTargetTopics(topics: readonly string[]): Promise<void>;
  refreshMetadataIfNecessary(): Promise<void>;
  findTopicPartitionMetadata(topic: string): readonly { partitionId: number; leader: number }[];
  findBroker(of: { nodeId: number }): Promise<Broker>;
}

interface Broker {
  /** The newest version of a request that both sides know. */
  lookupRequest(apiKey: number, definition: unknown): (body: object) => Protocol;
  connectionPool: { send(protocol: Protocol): Promise<unknown> };
}

interface Protocol {
  request: { encode: () => Promise<{ buf: Buffer; buffer: Buffer }> };
  response: unknown;
}

type CreateCluster = (options: object) => Cluster;

const PRODUCE = 0;
const METADATA_MAX_AGE_MS = 300_000;

/**
 * Produces through the connections of kafkajs (addresses, TLS, SASL, versions, metadata) batches that we encode, because its own encoder
 * costs many times as much: docs/decisions/0011. Everything that relies on its inside is in this file; its version is pinned.
 */
export class KafkajsProducer {
  readonly #cluster: Cluster;
  readonly #timeoutMs: number;

  private constructor(cluster: Cluster, timeoutMs: number) {
    this.#cluster = cluster;
    this.#timeoutMs = timeoutMs;
  }

  /** @param options.timeoutMs for which a leader waits for the other in-sync replicas */
  static async connect(kafka: Kafka, options: { timeoutMs: number }): Promise<KafkajsProducer> {
    const cluster = createCluster(kafka);
    try {
      await cluster.connect();
    } catch (error) {
      await cluster.disconnect().catch(() => undefined);
      throw error;
    }
    return new KafkajsProducer(cluster, options.timeoutMs);
  }

  /** Resolves when all in-sync replicas have every record. @throws Error of kafkajs; for what a broker answers, its name is `type`. */
  async send(records: readonly KafkaRecord[]): Promise<void> {
    const topics = new Set(records.map(({ topic }) => topic));
    await this.#cluster.addMultipleTargetTopics([...topics]);
    await this.#cluster.refreshMetadataIfNecessary();
    const leaders = new Map<number, PartitionBatch[]>();
    for (const [{ topic, partition, leader }, group] of this.#byPartition(records)) {
      const batches = leaders.get(leader) ?? [];
      batches.push({ topic, partition, batch: encodeBatch(group, Date.now()) });
      leaders.set(leader, batches);
    }
    await Promise.all([...leaders].map(([leader, batches]) => this.#produce(leader, batches)));
  }

  async close(): Promise<void> {
    await this.#cluster.disconnect();
  }

  #byPartition(
    records: readonly KafkaRecord[],
  ): Map<{ topic: string; partition: number; leader: number }, KafkaRecord[]> {
    const places = new Map<string, { topic: string; partition: number; leader: number }[]>();
    const groups = new Map<{ topic: string; partition: number; leader: number }, KafkaRecord[]>();
    for (const record of records) {
      const { topic, key } = record;
      let partitions = places.get(topic);
      if (partitions === undefined) {
        partitions = this.#cluster
          .findTopicPartitionMetadata(topic)
          .map(({ partitionId, leader }) => ({ topic, partition: partitionId, leader }))
          .sort((a, b) => a.partition - b.partition);
        places.set(topic, partitions);
      }
      const place = partitions[partitionOf(key, partitions.length)];
      if (place === undefined) throw new Error(`${topic}: its partitions are not known`);
      const group = groups.get(place);
      if (group === undefined) groups.set(place, [record]);
      else group.push(record);
    }
    return groups;
  }

  async #produce(leader: number, batches: readonly PartitionBatch[]): Promise<void> {
    const broker = await this.#cluster.findBroker({ nodeId: leader });
    const protocol = broker.lookupRequest(PRODUCE, produceProtocol)({ topicData: [] });
    const body = encodeProduceRequest(batches, this.#timeoutMs);
    await broker.connectionPool.send({
      ...protocol,
      request: { ...protocol.request, encode: () => Promise.resolve({ buf: body, buffer: body }) },
    });
  }
}

function createCluster(kafka: Kafka): Cluster {
  const name = Object.getOwnPropertySymbols(kafka).find(
    ({ description }) => description === 'private:Kafka:createCluster',
  );
  const create = name && (kafka as unknown as Record<symbol, CreateCluster>)[name];
  if (create === undefined) throw new Error('This is not kafkajs 2.2.4.');
  return create({
    allowAutoTopicCreation: false,
    maxInFlightRequests: 1,
    metadataMaxAge: METADATA_MAX_AGE_MS,
  });
}
