import type {
  AlertEvent,
  AlertSeverity,
  AlertState,
  DataLakeOptions,
  Destinations,
  LogEvent,
  PartitionInfo,
  Resource,
  Sampling,
  Timestamp,
  TraceContext,
} from '@unhinged/observability-proto';
import { errorInfo } from './error-info.js';
import { CDC_STREAM, CONSOLE, DATA_LAKE, type Flags } from './flags.js';
import { deriveEventId, uuidv7, type Sequence } from './ids.js';
import { partitionInfo } from './partition.js';
import { safeObject } from './safe-value.js';
import { protoLevel, severityNumber, type LogLevel } from './severity.js';

/** `event_type` of each kind of event. */
export const EVENT_TYPE = { log: 'log_entry', span: 'span', metric: 'metric', alert: 'alert' } as const;

/** Who builds events. One per process: the sequence is what makes a lost event visible. */
export interface EventContext {
  sequence: Sequence;
  /** Unix milliseconds. Default `Date.now`. */
  now?: () => number;
  /** Default: 1,000 rows, 60 s, snappy, partitioned by date, hour and service. */
  dataLake?: Partial<DataLakeOptions>;
}

/** What every event needs beside its payload. */
export interface EnvelopeInput {
  resource: Resource;
  /** Event time in Unix nanoseconds. Default: now. */
  timeUnixNano?: bigint;
  /** Default: a new UUIDv7 of the time of building. Given for events that are read again, see `deriveEventId`. */
  eventId?: string;
  traceContext?: Partial<TraceContext>;
  /** Default: D and L. */
  destinations?: Flags;
  sampling?: Sampling;
}

export interface LogEventInput extends EnvelopeInput {
  level: LogLevel;
  message: string;
  /** Made safe for a Struct, see `safeObject`. */
  metadata?: object;
  /** Anything thrown. */
  error?: unknown;
  /** Share of lines like this one that lake routing keeps, when it decided. */
  lakeRate?: number;
  scopeName?: string;
  /** 1 to 24. Default: the first number of the level. */
  severityNumber?: number;
  eventName?: string;
  observedUnixNano?: bigint;
}

export interface AlertEventInput extends EnvelopeInput {
  alertName: string;
  state: 'pending' | 'firing' | 'resolved';
  severity: 'page' | 'ticket';
  labels: Record<string, string>;
  annotations?: Record<string, string>;
  value: number;
  threshold: number;
  startsUnixNano: bigint;
  /** Given when resolved. */
  endsUnixNano?: bigint;
  /** Default: of the name and the labels. */
  fingerprint?: string;
}

/** A LogEvent, whole, ready to be encoded. */
export function buildLogEvent(input: LogEventInput, context: EventContext): LogEvent {
  const built = envelope(EVENT_TYPE.log, input, context);
  const { userId, sessionId } = built.traceContext;
  built.partitionInfo.levelPartition = input.level;
  // The placeholders of the owner's document, so that a partition is never an empty name.
  built.partitionInfo.customPartitions = {
    user_id: userId || 'anonymous',
    session_id: sessionId || 'no_session',
  };
  return {
    ...built,
    sampling: logSampling(input),
    level: protoLevel(input.level),
    message: input.message,
    metadata: safeObject(input.metadata ?? {}),
    error: input.error === undefined ? undefined : errorInfo(input.error),
    scopeName: input.scopeName ?? '',
    severityNumber: input.severityNumber ?? severityNumber(input.level),
    eventName: input.eventName ?? '',
    observedTimestamp: toTimestamp(input.observedUnixNano ?? now(context)),
  };
}

/** An AlertEvent: one transition of one alert. */
export function buildAlertEvent(input: AlertEventInput, context: EventContext): AlertEvent {
  return {
    ...envelope(EVENT_TYPE.alert, input, context),
    alertName: input.alertName,
    fingerprint: input.fingerprint ?? alertFingerprint(input.alertName, input.labels),
    state: alertStates[input.state],
    severity: alertSeverities[input.severity],
    labels: input.labels,
    annotations: input.annotations ?? {},
    value: input.value,
    threshold: input.threshold,
    startsAt: toTimestamp(input.startsUnixNano),
    endsAt: input.endsUnixNano === undefined ? undefined : toTimestamp(input.endsUnixNano),
  };
}

/** Stays the same while the rule and its labels do: 32 hex digits. */
export function alertFingerprint(alertName: string, labels: Readonly<Record<string, string>>): string {
  const sorted = Object.entries(labels).sort(([a], [b]) => (a < b ? -1 : 1));
  return deriveEventId(alertName, ...sorted.flat()).replace(/-/g, '');
}

/** Unix nanoseconds as a protobuf Timestamp. */
export function toTimestamp(unixNano: bigint): Timestamp {
  return { seconds: unixNano / BILLION, nanos: Number(unixNano % BILLION) };
}

/** A protobuf Timestamp as Unix nanoseconds; undefined is 0. */
export function fromTimestamp(timestamp: Timestamp | undefined): bigint {
  return timestamp ? timestamp.seconds * BILLION + BigInt(timestamp.nanos) : 0n;
}

/** Destination flags as the message of the envelope. */
export function toDestinations(flags: Flags, dataLake: Partial<DataLakeOptions> = {}): Destinations {
  const isLake = (flags & DATA_LAKE) !== 0;
  return {
    console: (flags & CONSOLE) !== 0,
    cdcStream: (flags & CDC_STREAM) !== 0,
    dataLake: isLake,
    dataLakeOptions: isLake ? { ...defaultDataLake, ...dataLake } : undefined,
  };
}

const BILLION = 1_000_000_000n;

const defaultDataLake: DataLakeOptions = {
  tableName: 'observability_logs',
  partitionStrategy: 'date_hour_service',
  batchSize: 1_000,
  flushIntervalSeconds: 60,
  // COMPRESSION_TYPE_SNAPPY; the generated constant would bring the generated code with it.
  compression: 1,
};

const alertStates: Record<AlertEventInput['state'], AlertState> = { pending: 1, firing: 2, resolved: 3 };
const alertSeverities: Record<AlertEventInput['severity'], AlertSeverity> = { page: 1, ticket: 2 };

interface BuiltEnvelope {
  eventId: string;
  timestamp: Timestamp;
  eventType: string;
  sequenceNumber: bigint;
  emitterId: string;
  traceContext: TraceContext;
  resource: Resource;
  destinations: Destinations;
  partitionInfo: PartitionInfo;
  sampling: Sampling | undefined;
}

function envelope(eventType: string, input: EnvelopeInput, context: EventContext): BuiltEnvelope {
  const time = input.timeUnixNano ?? now(context);
  const { traceContext } = input;
  return {
    eventId: input.eventId ?? uuidv7(Number(now(context) / MILLION)),
    timestamp: toTimestamp(time),
    eventType,
    sequenceNumber: context.sequence.next(),
    emitterId: context.sequence.emitterId,
    traceContext: {
      traceId: traceContext?.traceId ?? '',
      spanId: traceContext?.spanId ?? '',
      correlationId: traceContext?.correlationId,
      requestId: traceContext?.requestId,
      sessionId: traceContext?.sessionId ?? '',
      userId: traceContext?.userId ?? '',
    },
    resource: input.resource,
    destinations: toDestinations(input.destinations ?? CDC_STREAM | DATA_LAKE, context.dataLake),
    partitionInfo: partitionInfo({ epochMs: Number(time / MILLION), service: input.resource.serviceName }),
    sampling: input.sampling,
  };
}

const MILLION = 1_000_000n;

const now = (context: EventContext): bigint => BigInt(Math.floor((context.now ?? Date.now)())) * MILLION;

function logSampling(input: LogEventInput): Sampling | undefined {
  if (input.lakeRate === undefined) return input.sampling;
  return {
    adjustedCount: input.sampling?.adjustedCount ?? 1,
    reason: input.sampling?.reason ?? '',
    lakeRate: input.lakeRate,
  };
}
