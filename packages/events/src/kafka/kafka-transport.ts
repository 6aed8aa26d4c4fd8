import { deadline, ObservabilityError } from '@unhinged/observability-core';

import type { EventTransport, SendResult } from '../transport.js';
import { KafkajsClient } from './kafkajs-client.js';
import { Lane, type LaneStats, prepare } from './lane.js';
import { type KafkaOptions, resolveKafkaOptions } from './options.js';

export interface KafkaTransportOptions extends KafkaOptions {
  /** Milliseconds after which events that Kafka did not take are given back as failed. Default 60,000. */
  giveUpMs?: number;
  /** Told of failed attempts and of what went to the dead-letter topic. */
  onTrouble?: (trouble: unknown) => void;
}

/**
 * Events straight to Kafka: `emit` resolves when all in-sync replicas have the event. While the brokers are away events wait in the
 * emitter's queue, in memory, for at most `giveUpMs`; what must survive goes through a journal first: see `forwardToKafka`.
 *
 * @throws ObservabilityError `bad_option`.
 */
export function kafkaTransport(options: KafkaTransportOptions): EventTransport & { stats(): LaneStats } {
  const { giveUpMs = 60_000 } = options;
  const client = new KafkajsClient(resolveKafkaOptions(options));
  const lane = new Lane({ client, ...(options.onTrouble && { onTrouble: options.onTrouble }) });
  const stopping = new AbortController();
  return {
    connect: () => Promise.resolve(),
    async sendBatch(records): Promise<readonly SendResult[]> {
      const { signal, done } = deadline(giveUpMs, stopping.signal);
      try {
        if (await lane.deliver(prepare(records), signal)) return records.map(() => ({}));
      } finally {
        done();
      }
      throw new ObservabilityError(
        'kafka_unavailable',
        `Kafka did not take the events within ${giveUpMs} ms.`,
      );
    },
    close: async () => {
      stopping.abort();
      await client.close();
    },
    stats: () => lane.stats(),
  };
}
