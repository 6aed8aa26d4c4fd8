/** A record as a Kafka client writes it. */
export interface KafkaRecord {
  topic: string;
  key: string;
  value: Uint8Array;
  headers: Readonly<Record<string, string>>;
}

/**
 * What the stream needs of a Kafka client, so that another one can take the place of kafkajs. One `send` is outstanding at a time.
 */
export interface RecordClient {
  /** Resolves when every record is durable at all in-sync replicas (`acks: -1`). @throws SendFailure */
  send(records: readonly KafkaRecord[]): Promise<void>;
  close(): Promise<void>;
}

/** Why a `send` failed. Some of its records may be durable nevertheless. */
export class SendFailure extends Error {
  override readonly name = 'SendFailure';

  constructor(
    /** `poison`: the broker will never take one of these records. `unavailable`: the same records may pass later. */
    readonly kind: 'poison' | 'unavailable',
    message: string,
    options?: ErrorOptions,
  ) {
    super(message, options);
  }
}
