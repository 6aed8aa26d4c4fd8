import { EVENT_TYPE } from '@unhinged/observability-core';
import { AlertEvent, LogEvent, MetricEvent, TraceEvent } from '@unhinged/observability-proto';

import type { Writer } from './encode.js';
import { TOPICS } from './topics.js';

/** What may be emitted, by name. */
export interface EventMap {
  'observability.log_entry': LogEvent;
  'observability.span': TraceEvent;
  'observability.metric': MetricEvent;
  'observability.alert': AlertEvent;
}

export type EventName = keyof EventMap;

interface Codec<T> {
  encode(event: T, writer?: Writer): Writer;
  decode(bytes: Uint8Array): T;
  toJSON(event: T): unknown;
}

/** Event type, topic and encoding of each name. */
export const eventKinds: {
  readonly [N in EventName]: { eventType: string; topic: string; codec: Codec<EventMap[N]> };
} = {
  'observability.log_entry': { eventType: EVENT_TYPE.log, topic: TOPICS.logs, codec: LogEvent },
  'observability.span': { eventType: EVENT_TYPE.span, topic: TOPICS.traces, codec: TraceEvent },
  'observability.metric': { eventType: EVENT_TYPE.metric, topic: TOPICS.metrics, codec: MetricEvent },
  'observability.alert': { eventType: EVENT_TYPE.alert, topic: TOPICS.alerts, codec: AlertEvent },
};
