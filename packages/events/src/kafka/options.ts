import { ObservabilityError } from '@unhinged/observability-core';
import type { KafkaConfig } from 'kafkajs';

/** How to reach a Kafka cluster, and how its topics are made. */
export interface KafkaOptions {
  /** `host:port` of some brokers; the others are found through them. */
  brokers: readonly string[];
  /** Name that the brokers log. Default `unhinged-events`. */
  clientId?: string;
  /** TLS: true for the system's certificates, or options of `tls.connect`. Default none. */
  ssl?: KafkaConfig['ssl'];
  /** Credentials: mechanism `plain`, `scram-sha-256`, `scram-sha-512`, `oauthbearer` or `aws`. Never logged. Default none. */
  sasl?: KafkaConfig['sasl'];
  /** Milliseconds a connection may take. Default 3,000. */
  connectTimeoutMs?: number;
  /** Milliseconds a broker may take to answer; then the batch is sent again. Default 10,000. */
  requestTimeoutMs?: number;
  /** Topics that are missing are made with these figures; false: somebody else makes them. */
  createTopics?: false | TopicOptions;
}

export interface TopicOptions {
  /** Default 6, the parallelism of the stream job. */
  partitions?: number;
  /** Default: 3, or as many as there are brokers. */
  replicationFactor?: number;
  /** Default 7 days. */
  retentionMs?: number;
}

export type ResolvedKafkaOptions = Required<Omit<KafkaOptions, 'ssl' | 'sasl' | 'createTopics'>> &
  Pick<KafkaOptions, 'ssl' | 'sasl'> & { createTopics: false | TopicOptions };

/** Fills in the defaults. @throws ObservabilityError `bad_option` with the name, what was expected and what was given. */
export function resolveKafkaOptions(options: KafkaOptions): ResolvedKafkaOptions {
  const { brokers, clientId = 'unhinged-events', createTopics = {} } = options;
  const good =
    Array.isArray(brokers) && brokers.length > 0 && brokers.every((one) => ADDRESS.test(String(one)));
  if (!good) fail('brokers', 'a list of host:port', brokers);
  if (typeof clientId !== 'string' || clientId === '') fail('clientId', 'a name', clientId);
  if (createTopics !== false) {
    for (const [name, value] of Object.entries(createTopics)) {
      if (!Number.isSafeInteger(value) || value < 1)
        fail(`createTopics.${name}`, 'a whole number, 1 or more', value);
    }
  }
  return {
    brokers,
    clientId,
    createTopics,
    connectTimeoutMs: milliseconds(options, 'connectTimeoutMs', 3_000),
    requestTimeoutMs: milliseconds(options, 'requestTimeoutMs', 10_000),
    ...(options.ssl !== undefined && { ssl: options.ssl }),
    ...(options.sasl !== undefined && { sasl: options.sasl }),
  };
}

const ADDRESS = /^[^\s:]+:\d{1,5}$|^\[[0-9a-f:]+\]:\d{1,5}$/i;

function milliseconds(
  options: KafkaOptions,
  name: 'connectTimeoutMs' | 'requestTimeoutMs',
  fallback: number,
): number {
  const value = options[name] ?? fallback;
  if (!(value >= 1 && Number.isFinite(value))) fail(name, 'milliseconds, 1 or more', value);
  return value;
}

function fail(name: string, expected: string, given: unknown): never {
  throw new ObservabilityError(
    'bad_option',
    `Kafka option ${name}: expected ${expected}, got ${given === undefined ? 'nothing' : JSON.stringify(given)}.`,
  );
}
