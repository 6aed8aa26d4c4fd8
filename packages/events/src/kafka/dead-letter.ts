import { TOPICS } from '../topics.js';
import type { KafkaRecord } from './record-client.js';

/** Bytes of a value that still go along when the whole is too large for the dead-letter topic, too. */
const SAMPLE_BYTES = 64 * 1024;

/**
 * A record for the dead-letter topic: first whole, then with the beginning of its value. Headers: those of the record, and
 * `x-dlq-reason`, `x-dlq-error`, `x-dlq-topic`, `x-dlq-bytes` (length of the value) and `x-dlq-truncated`.
 */
export function deadLetter(record: KafkaRecord, reason: string, cause: unknown): KafkaRecord[] {
  const error = cause instanceof Error ? cause.message : String(cause);
  const letter: KafkaRecord = {
    topic: TOPICS.dlq,
    key: record.key.slice(0, 1_024),
    value: record.value,
    headers: {
      ...record.headers,
      'x-dlq-reason': reason,
      'x-dlq-error': error.slice(0, 1_024),
      'x-dlq-topic': record.topic,
      'x-dlq-bytes': String(record.value.length),
    },
  };
  if (record.value.length <= SAMPLE_BYTES) return [letter];
  const headers = { ...letter.headers, 'x-dlq-truncated': 'true' };
  return [letter, { ...letter, value: record.value.subarray(0, SAMPLE_BYTES), headers }];
}
