import { ObservabilityError } from '@unhinged/observability-core';
import kafkajs, { type Kafka, type LogEntry } from 'kafkajs';

import type { ResolvedKafkaOptions } from './options.js';
import { KafkajsProducer } from './produce/kafkajs-producer.js';
import { type KafkaRecord, type RecordClient, SendFailure } from './record-client.js';
import { registerSnappy } from './snappy.js';
import { createSocket } from './socket.js';
import { createMissingTopics } from './topics.js';

const { logLevel } = kafkajs;

/** Answers of a broker that will be the same for the same record. Everything else may pass. */
const POISON: ReadonlySet<string> = new Set([
  'MESSAGE_TOO_LARGE',
  'RECORD_LIST_TOO_LARGE',
  'INVALID_RECORD',
  'INVALID_TIMESTAMP',
  'INVALID_TOPIC_EXCEPTION',
]);

/** The kafkajs instance of our options: nothing is retried inside it, because its retries have no bound that we could hold. */
export function createKafka(options: ResolvedKafkaOptions, log: (entry: LogEntry) => void): Kafka {
  registerSnappy();
  return new kafkajs.Kafka({
    clientId: options.clientId,
    brokers: [...options.brokers],
    ...(options.ssl !== undefined && { ssl: options.ssl }),
    ...(options.sasl !== undefined && { sasl: options.sasl }),
    connectionTimeout: options.connectTimeoutMs,
    requestTimeout: options.requestTimeoutMs,
    enforceRequestTimeout: true,
    retry: { retries: 0 },
    socketFactory: createSocket,
    logLevel: logLevel.WARN,
    logCreator: () => log,
  });
}

/**
 * kafkajs as a {@link RecordClient}. Not idempotent: its idempotent mode can lose messages without an error (seen by measurement);
 * order comes from the one outstanding send. After a failure it starts over with a new connection.
 */
export class KafkajsClient implements RecordClient {
  readonly #options: ResolvedKafkaOptions;
  readonly #kafka: Kafka;
  readonly #created = new Set<string>();
  #producer: KafkajsProducer | undefined;

  constructor(options: ResolvedKafkaOptions) {
    this.#options = options;
    this.#kafka = createKafka(options, () => undefined);
  }

  async send(records: readonly KafkaRecord[]): Promise<void> {
    try {
      await this.#createTopics(new Set(records.map(({ topic }) => topic)));
      this.#producer ??= await KafkajsProducer.connect(this.#kafka, {
        timeoutMs: this.#options.requestTimeoutMs,
      });
      await this.#inTime(this.#producer.send(records));
    } catch (error) {
      const failure = sendFailure(error);
      if (failure.kind === 'unavailable') await this.close();
      throw failure;
    }
  }

  async close(): Promise<void> {
    const producer = this.#producer;
    this.#producer = undefined;
    await producer?.close().catch(() => undefined);
  }

  /** kafkajs times requests with the wall clock: when that is set back, it would wait for as long. This timer nobody sets. */
  async #inTime<T>(work: Promise<T>): Promise<T> {
    const { requestTimeoutMs } = this.#options;
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<never>((_, reject) => {
      timer = setTimeout(() => {
        reject(new Error(`no answer within ${2 * requestTimeoutMs} ms`));
      }, 2 * requestTimeoutMs);
    });
    try {
      return await Promise.race([work, late]);
    } finally {
      clearTimeout(timer);
    }
  }

  async #createTopics(topics: ReadonlySet<string>): Promise<void> {
    if (this.#options.createTopics === false) return;
    const missing = [...topics].filter((topic) => !this.#created.has(topic));
    if (missing.length === 0) return;
    await createMissingTopics(this.#kafka, missing, this.#options.createTopics);
    for (const topic of missing) this.#created.add(topic);
  }
}

function sendFailure(error: unknown): SendFailure {
  if (error instanceof SendFailure) return error;
  const type = protocolError(error);
  const text = error instanceof Error ? error.message : String(error);
  return new SendFailure(
    type !== undefined && POISON.has(type) ? 'poison' : 'unavailable',
    type === undefined ? text : `${type}: ${text}`,
    { cause: error },
  );
}

/** Name of the broker's error, which kafkajs wraps in one of its own when it gives up. */
function protocolError(error: unknown): string | undefined {
  for (let each = error, depth = 0; each instanceof Error && depth < 5; each = each.cause, depth++) {
    if (each instanceof ObservabilityError) return undefined;
    const { type } = each as { type?: unknown };
    if (typeof type === 'string') return type;
  }
  return undefined;
}
