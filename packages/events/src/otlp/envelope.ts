import { Destinations } from '@unhinged/observability-proto';
import { CDC_STREAM, DATA_LAKE, toDestinations } from '@unhinged/observability-core';
import { WireWriter } from './wire/writer.js';
import type { ItemContext } from './item-context.js';
import type { Source } from './source.js';

/** Encoded destinations of spans and metrics, which always go to the stream and to the lake. */
export const toStreamAndLake = (tableName: string): Uint8Array =>
  Destinations.encode(toDestinations(CDC_STREAM | DATA_LAKE, { tableName })).finish();

export interface EnvelopeParts {
  context: ItemContext;
  eventType: string;
  /** Unix nanoseconds. */
  nano: bigint;
  source: Source;
  /** Encoded. */
  destinations: Uint8Array;
  traceId?: string;
  spanId?: string;
  /** Of a trace context beside its ids; empty when not known. */
  ids?: { correlationId: string; requestId: string; sessionId: string; userId: string };
  /** How many items this one stands for; undefined when nothing says so. */
  adjustedCount?: number | undefined;
  /** Why it was kept; empty when nothing says so. */
  reason?: string;
}

/** Reused: an event is written in one go. */
const writer = new WireWriter(4096);

/**
 * An event around an OTLP message that is moved as it is: the fields of `unhinged.observability.v1.Envelope`, then the message in
 * field 16 and its scope in field 17 (TraceEvent and MetricEvent have the same numbers).
 */
export function encodeEvent(
  parts: EnvelopeParts,
  message: Uint8Array,
  scope: Uint8Array | undefined,
): Uint8Array {
  const { nano, source, traceId, spanId, ids, adjustedCount, reason = '' } = parts;
  const { identity, index } = parts.context;
  const partition = source.encodedPartition(nano);
  writer
    .string(1, identity.eventId(index))
    .message(2, () => {
      writer.uint(1, nano / 1_000_000_000n).uint(2, Number(nano % 1_000_000_000n));
    })
    .string(3, parts.eventType);
  const sequence = identity.nextSequence();
  if (sequence > 0n) writer.uint(4, sequence).string(5, identity.emitterId);
  if (traceId !== undefined && spanId !== undefined) {
    writer.message(6, () => {
      writer.string(1, traceId).string(2, spanId);
      if (ids === undefined) return;
      if (ids.correlationId !== '') writer.string(3, ids.correlationId);
      if (ids.requestId !== '') writer.string(4, ids.requestId);
      if (ids.sessionId !== '') writer.string(5, ids.sessionId);
      if (ids.userId !== '') writer.string(6, ids.userId);
    });
  }
  writer.bytes(7, source.encoded).bytes(8, parts.destinations).bytes(9, partition);
  if (adjustedCount !== undefined || reason !== '') {
    writer.message(10, () => {
      writer.double(1, adjustedCount ?? 1);
      if (reason !== '') writer.string(3, reason);
    });
  }
  writer.bytes(16, message);
  if (scope) writer.bytes(17, scope);
  return writer.take();
}
