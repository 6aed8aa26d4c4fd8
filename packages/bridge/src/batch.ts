import type { Signal } from '@unhinged/events/otlp';

/** One export request as it came in: protobuf, uncompressed. */
export interface Batch {
  signal: Signal;
  bytes: Uint8Array;
}
