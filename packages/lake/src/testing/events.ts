import { uuidv7 } from '@unhinged/observability-core';
import { LogEvent, MetricEvent, TraceEvent } from '@unhinged/observability-proto';
import type { LakeInput } from '../lake.js';

const lake = { destinations: { dataLake: true } };
/** 2026-03-04T05:06:07.123456789Z */
export const NANOS = 1_772_600_767_123_456_789n;
const timestamp = { seconds: NANOS / 1_000_000_000n, nanos: Number(NANOS % 1_000_000_000n) };

type LogFields = Parameters<typeof LogEvent.fromPartial>[0];
type TraceFields = Parameters<typeof TraceEvent.fromPartial>[0];
type MetricFields = Parameters<typeof MetricEvent.fromPartial>[0];

export function logInput(sequence: number, fields: LogFields = {}): LakeInput {
  const event = LogEvent.fromPartial({
    eventId: uuidv7(),
    timestamp,
    resource: { serviceName: 'chat' },
    level: 3,
    message: `line ${sequence}`,
    ...lake,
    ...fields,
  });
  return { sequence, eventType: 'log_entry', value: LogEvent.encode(event).finish() };
}

export function spanInput(sequence: number, fields: TraceFields = {}): LakeInput {
  const event = TraceEvent.fromPartial({
    eventId: uuidv7(),
    timestamp,
    resource: { serviceName: 'gateway' },
    span: { name: `span ${sequence}`, startTimeUnixNano: NANOS, endTimeUnixNano: NANOS + 1_500n },
    ...lake,
    ...fields,
  });
  return { sequence, eventType: 'span', value: TraceEvent.encode(event).finish() };
}

export function metricInput(sequence: number, fields: MetricFields = {}): LakeInput {
  const event = MetricEvent.fromPartial({
    eventId: uuidv7(),
    timestamp,
    resource: { serviceName: 'chat' },
    metric: {
      name: 'requests',
      data: {
        $case: 'gauge',
        value: { dataPoints: [{ timeUnixNano: NANOS, value: { $case: 'asDouble', value: 1.5 } }] },
      },
    },
    ...lake,
    ...fields,
  });
  return { sequence, eventType: 'metric', value: MetricEvent.encode(event).finish() };
}
