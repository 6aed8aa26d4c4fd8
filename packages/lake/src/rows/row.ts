import { ATTR_TIER, ObservabilityError, partitionInfo, setOwn } from '@unhinged/observability-core';
import type { Resource } from '@unhinged/observability-proto';
import type { TableName } from '../schema.js';
import { servicePartition } from './service-partition.js';
import { int64, type Json } from './values.js';

/** One line of the JSON file that DuckDB turns into Parquet: the fields of the table, and `date`, `hour`, `service`. */
export type Row = Record<string, Json>;

/** Rows of one event. */
export interface EventRows {
  table: TableName;
  eventId: string;
  rows: Row[];
}

/** What every event starts with. */
export interface Envelope {
  eventId: string;
  emitterId: string;
  sequenceNumber: bigint;
  resource: Resource | undefined;
  traceContext:
    | {
        correlationId?: string | undefined;
        requestId?: string | undefined;
        sessionId: string;
        userId: string;
      }
    | undefined;
}

const INT64_MAX = 2n ** 63n - 1n;

/**
 * `time_unix_nano`, `date` and `hour` of a moment.
 *
 * @throws ObservabilityError `bad_time` before 1970 or beyond what 64 bits of nanoseconds hold (year 2262).
 */
export function timeFields(unixNano: bigint): Row {
  if (unixNano < 0n || unixNano > INT64_MAX) {
    throw new ObservabilityError('bad_time', `No partition for ${unixNano.toString()} ns since 1970.`);
  }
  const { datePartition, hourPartition } = partitionInfo({
    epochMs: Number(unixNano / 1_000_000n),
    service: '',
  });
  return { time_unix_nano: unixNano.toString(), date: datePartition, hour: hourPartition };
}

/** Columns that say who emitted an event. */
export function originFields(event: Envelope, scope: { name: string; version: string } | undefined): Row {
  const { resource } = event;
  const name = resource?.serviceName ?? '';
  const service = servicePartition(name);
  const attributes: Record<string, string> = { ...resource?.attributes };
  if (service !== name && name !== '') setOwn(attributes, 'service.name', name);
  return {
    service,
    scope_name: scope?.name ?? '',
    scope_version: scope?.version ?? '',
    service_version: resource?.serviceVersion ?? '',
    environment: resource?.deploymentEnvironment ?? '',
    tier: resource?.attributes[ATTR_TIER] ?? '',
    resource_attributes: attributes,
    emitter_id: event.emitterId,
    sequence_number: int64(event.sequenceNumber),
  };
}

/** Columns that say which request, session and user an event belongs to. */
export function requestFields({ traceContext }: Envelope): Row {
  return {
    correlation_id: traceContext?.correlationId ?? '',
    request_id: traceContext?.requestId ?? '',
    session_id: traceContext?.sessionId ?? '',
    user_id: traceContext?.userId ?? '',
  };
}
