import { toRecord, type EventRecord } from '@unhinged/events';
import { encodeRecord } from '@unhinged/events/journal';
import { toDestinations, uuidv7, type Flags } from '@unhinged/observability-core';
import { LogEvent, MetricEvent, TraceEvent } from '@unhinged/observability-proto';
import type { Metric } from '@unhinged/observability-proto/otlp';

const both: Flags = 3;
const nanos = (ms: number) => BigInt(Math.round(ms * 1000)) * 1000n;
const stamp = (ms: number) => ({
  seconds: nanos(ms) / 1_000_000_000n,
  nanos: Number(nanos(ms) % 1_000_000_000n),
});
const resourceOf = (serviceName: string, tier = 'backend') => ({
  serviceName,
  serviceVersion: '1.2.3',
  deploymentEnvironment: 'test',
  attributes: { 'unhinged.tier': tier, 'service.instance.id': `${serviceName}-1` },
});

export interface SpanOf {
  traceId?: string;
  spanId?: string;
  parentSpanId?: string;
  service?: string;
  tier?: string;
  name?: string;
  kind?: 1 | 2 | 3 | 4 | 5;
  endMs?: number;
  durationMs?: number;
  error?: boolean;
  attributes?: Record<string, string>;
}

const random = (bytes: number) => Buffer.from(crypto.getRandomValues(new Uint8Array(bytes))).toString('hex');
export const newTraceId = () => random(16);
export const newSpanId = () => random(8);

export function spanRecord(of: SpanOf = {}): EventRecord {
  const {
    traceId = newTraceId(),
    spanId = newSpanId(),
    parentSpanId = '',
    service = 'chat',
    name = 'GET /',
  } = of;
  const { kind = 2, endMs = Date.now(), durationMs = 5, error = false, attributes = {} } = of;
  const event = TraceEvent.fromPartial({
    eventId: uuidv7(),
    eventType: 'span',
    timestamp: stamp(endMs - durationMs),
    traceContext: { traceId, spanId },
    resource: resourceOf(service, of.tier),
    destinations: toDestinations(both),
    scope: { name: 'test-scope' },
    span: {
      traceId: Buffer.from(traceId, 'hex'),
      spanId: Buffer.from(spanId, 'hex'),
      parentSpanId: Buffer.from(parentSpanId, 'hex'),
      name,
      kind,
      startTimeUnixNano: nanos(endMs - durationMs),
      endTimeUnixNano: nanos(endMs),
      status: error ? { code: 2, message: 'it broke' } : { code: 0 },
      attributes: Object.entries(attributes).map(([key, value]) => ({
        key,
        value: { value: { $case: 'stringValue', value } },
      })),
    },
  });
  return toRecord('observability.span', event);
}

export interface LogOf {
  message?: string;
  /** 1 to 6. */
  level?: 1 | 2 | 3 | 4 | 5 | 6;
  service?: string;
  traceId?: string;
  metadata?: Record<string, unknown>;
  /** Of the error of a line of level 5 and above. */
  stack?: string;
  timeMs?: number;
  flags?: Flags;
}

export function logRecord(of: LogOf = {}): EventRecord {
  const { message = 'hello', level = 3, service = 'chat', traceId = '', timeMs = Date.now() } = of;
  const event = LogEvent.fromPartial({
    eventId: uuidv7(),
    eventType: 'log_entry',
    timestamp: stamp(timeMs),
    traceContext: { traceId, spanId: '' },
    resource: resourceOf(service),
    destinations: toDestinations(of.flags ?? both),
    level,
    message,
    metadata: of.metadata ?? {},
    ...(level >= 5 && {
      error: { type: 'TypeError', message: 'x is not a function', stack: of.stack ?? 'at y' },
    }),
  });
  return toRecord('observability.log_entry', event);
}

export function metricRecord(
  metric: Parameters<typeof Metric.fromPartial>[0],
  service = 'chat',
): EventRecord {
  const event = MetricEvent.fromPartial({
    eventId: uuidv7(),
    eventType: 'metric',
    timestamp: stamp(Date.now()),
    resource: resourceOf(service),
    destinations: toDestinations(both),
    metric,
  });
  return toRecord('observability.metric', event);
}

export const payloads = (...records: EventRecord[]) => records.map(encodeRecord);
