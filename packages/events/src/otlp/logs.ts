import { TOPICS } from '../topics.js';
import type { EventRecord } from '../transport.js';
import {
  ATTR_DESTINATIONS,
  ATTR_EXCEPTION_CAUSES,
  ATTR_LAKE_RATE,
  CDC_STREAM,
  DATA_LAKE,
  ID_ATTRIBUTES,
  levelOfSeverity,
  levelOfText,
  LOG_LEVELS,
  ObservabilityError,
  parseFlags,
  protoLevel,
  structFromAnyValue,
  structFromKeyValues,
  toDestinations,
  toTimestamp,
  type Flags,
  type LogLevel,
  type SafeObject,
  type SafeValue,
} from '@unhinged/observability-core';
import { LogEvent, LogLevel as ProtoLogLevel, type ErrorInfo } from '@unhinged/observability-proto';
import { LogRecord } from '@unhinged/observability-proto/otlp';
import { hex, isId } from './wire/ids.js';
import { eventTime } from './event-time.js';
import type { ItemContext } from './item-context.js';
import type { Source } from './source.js';

/** One log record as a LogEvent. Undefined when its destinations include neither the stream nor the lake. */
export function logRecord(
  bytes: Uint8Array,
  scopeName: string,
  source: Source,
  context: ItemContext,
): EventRecord | undefined {
  const log = LogRecord.decode(bytes);
  const attributes = structFromKeyValues(log.attributes);
  const flags = flagsOf(attributes[ATTR_DESTINATIONS], context);
  if ((flags & (CDC_STREAM | DATA_LAKE)) === 0) {
    context.onNoDestination();
    return undefined;
  }
  const level = levelOf(log);
  const { nano, replaced } = eventTime([log.timeUnixNano, log.observedTimeUnixNano], context.nowNano);
  if (replaced) context.onRepair('bad_time');
  const { traceId, spanId } = idsOf(log, context);
  const sessionId = text(attributes[ID_ATTRIBUTES.sessionId]);
  const userId = text(attributes[ID_ATTRIBUTES.userId]);
  const value = LogEvent.encode({
    eventId: context.identity.eventId(context.index),
    timestamp: toTimestamp(nano),
    eventType: 'log_entry',
    sequenceNumber: context.identity.nextSequence(),
    emitterId: context.identity.emitterId,
    traceContext: {
      traceId,
      spanId,
      correlationId: optionalText(attributes[ID_ATTRIBUTES.correlationId]),
      requestId: optionalText(attributes[ID_ATTRIBUTES.requestId]),
      sessionId,
      userId,
    },
    resource: source.resource,
    destinations: toDestinations(flags),
    partitionInfo: source.partition(nano, level, {
      // The placeholders of the owner's document, so that a partition is never an empty name.
      user_id: userId || 'anonymous',
      session_id: sessionId || 'no_session',
    }),
    sampling: samplingOf(attributes[ATTR_LAKE_RATE]),
    level: level ? protoLevel(level) : ProtoLogLevel.UNSPECIFIED,
    message: text(structFromAnyValue(log.body)),
    metadata: metadataOf(attributes),
    error: errorOf(attributes),
    scopeName,
    severityNumber: log.severityNumber >= 1 && log.severityNumber <= 24 ? log.severityNumber : 0,
    eventName: log.eventName || text(attributes['event.name']),
    observedTimestamp: toTimestamp(
      log.observedTimeUnixNano > 0n ? log.observedTimeUnixNano : context.nowNano,
    ),
  }).finish();
  const topic = flags & CDC_STREAM ? TOPICS.logs : TOPICS.lake;
  return { topic, key: traceId || source.key, eventType: 'log_entry', value };
}

/** Lines of foreign clients say nothing about destinations and go to both, always; so do lines whose flags cannot be read. */
function flagsOf(value: SafeValue | undefined, context: ItemContext): Flags {
  if (value === undefined) return CDC_STREAM | DATA_LAKE;
  try {
    return parseFlags(typeof value === 'string' ? value : JSON.stringify(value));
  } catch (error) {
    if (!(error instanceof ObservabilityError)) throw error;
    context.onRepair('bad_flags');
    return CDC_STREAM | DATA_LAKE;
  }
}

/** By number, else by text (`Information` is info); undefined when the record has neither. */
function levelOf(log: LogRecord): LogLevel | undefined {
  if (log.severityNumber >= 1 && log.severityNumber <= 24) return levelOfSeverity(log.severityNumber);
  const name = log.severityText.trim().toLowerCase();
  return levelOfText(name) ?? LOG_LEVELS.find((level) => name.startsWith(level));
}

/** A log record without a trace is a good record, so wrong ids cost it only the ids. */
function idsOf(log: LogRecord, context: ItemContext): { traceId: string; spanId: string } {
  const traceOk = isId(log.traceId, 16);
  const spanOk = traceOk && isId(log.spanId, 8);
  if ((log.traceId.length > 0 && !traceOk) || (log.spanId.length > 0 && !spanOk)) context.onRepair('bad_ids');
  return { traceId: traceOk ? hex(log.traceId) : '', spanId: spanOk ? hex(log.spanId) : '' };
}

function samplingOf(rate: SafeValue | undefined): LogEvent['sampling'] {
  if (typeof rate !== 'number' || !(rate > 0 && rate <= 1)) return undefined;
  return { adjustedCount: 1, lakeRate: rate, reason: '' };
}

/** Attributes that have a field of their own in the event. */
const lifted = new Set([
  ATTR_DESTINATIONS,
  ATTR_LAKE_RATE,
  'exception.type',
  'exception.message',
  'exception.stacktrace',
  ATTR_EXCEPTION_CAUSES,
]);

function metadataOf(attributes: SafeObject): SafeObject | undefined {
  const entries = Object.entries(attributes).filter(([key]) => !lifted.has(key));
  return entries.length === 0 ? undefined : Object.fromEntries(entries);
}

function errorOf(attributes: SafeObject): ErrorInfo | undefined {
  const type = text(attributes['exception.type']);
  const message = text(attributes['exception.message']);
  const stack = text(attributes['exception.stacktrace']);
  const causes = causesOf(attributes[ATTR_EXCEPTION_CAUSES]);
  return type || message || stack ? { type, message, stack, causes } : undefined;
}

/** As our SDKs write them: `{ type, message, stack }` each. */
function causesOf(value: SafeValue | undefined): ErrorInfo[] {
  if (!Array.isArray(value)) return [];
  return value.flatMap((cause) => {
    if (typeof cause !== 'object' || cause === null || Array.isArray(cause)) return [];
    const { type, message, stack } = cause;
    return [{ type: text(type), message: text(message), stack: text(stack), causes: [] }];
  });
}

/** A string as it is, nothing as empty, anything else as JSON. */
function text(value: SafeValue | undefined): string {
  if (value === undefined || value === null) return '';
  return typeof value === 'string' ? value : JSON.stringify(value);
}

const optionalText = (value: SafeValue | undefined): string | undefined => text(value) || undefined;
