import { EventConsumer, type EventSink } from '@unhinged/events/kafka';
import { LogEvent, MetricEvent, type Resource, TraceEvent } from '@unhinged/observability-proto';
import type { Span } from '@unhinged/observability-proto/otlp';

/** What the Collector wrote into the topics, as events of ours. */
export interface Topics {
  spans: (Span & { resource: Resource | undefined; key: string; partition: string })[];
  logs: LogEvent[];
  /** Names of metrics by `service.name`. */
  metrics: Map<string, Set<string>>;
  stop(): Promise<void>;
}

export const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString('hex');

/** Makes the topics where they are missing, and follows them from the beginning, through restarts of the broker. */
export async function followTopics(broker: string): Promise<Topics> {
  const found: Topics = { spans: [], logs: [], metrics: new Map(), stop: () => consumer.stop() };
  const consumer = new EventConsumer({ brokers: [broker], groupId: 'path-test', sink: memorySink(found) });
  await consumer.start();
  if (!(await consumer.caughtUp(60_000))) throw new Error('the topics were not there within a minute');
  return found;
}

function memorySink({ spans, logs, metrics }: Topics): EventSink {
  let positions: Record<string, number> = {};
  return {
    restore: () => Promise.resolve({ progress: undefined, recentIds: [] }),
    store: ({ records, progress }) => {
      // A batch is of one partition: that which moved.
      const [partition = ''] =
        Object.entries(progress.positions).find(([place, next]) => next !== positions[place]) ?? [];
      positions = progress.positions;
      for (const { eventType, key, value } of records) {
        if (eventType === 'span') {
          const { span, resource } = TraceEvent.decode(value);
          if (span !== undefined) spans.push({ ...span, resource, key, partition });
        } else if (eventType === 'log_entry') {
          logs.push(LogEvent.decode(value));
        } else if (eventType === 'metric') {
          const { metric, resource } = MetricEvent.decode(value);
          const names = metrics.get(resource?.serviceName ?? '') ?? new Set();
          metrics.set(resource?.serviceName ?? '', names.add(metric?.name ?? ''));
        }
      }
      return Promise.resolve();
    },
  };
}
