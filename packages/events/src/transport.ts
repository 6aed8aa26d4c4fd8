/** What a topic holds. CloudEvents headers are derived from the event when the record leaves for Kafka. */
export interface EventRecord {
  topic: string;
  /** Lowercase hex trace id where there is one, else `service/instance`. */
  key: string;
  /** `log_entry`, `span`, `metric`, `alert`; empty: the value is an OTLP export request. */
  eventType: string;
  value: Uint8Array;
  /** Headers beyond the derived ones. */
  headers?: Readonly<Record<string, string>>;
}

/** Outcome of one record of a batch. `error` absent: the record is durable at the other side. */
export interface SendResult {
  error?: Error;
}

/**
 * Where an emitter's records go. Narrow on purpose: a Kafka client fits in 100 lines. One `sendBatch` is outstanding at a
 * time; it resolves with one result per record, in order, and rejects only when nothing of the batch was accepted.
 */
export interface EventTransport {
  connect(): Promise<void>;
  sendBatch(records: readonly EventRecord[]): Promise<readonly SendResult[]>;
  close(): Promise<void>;
}
