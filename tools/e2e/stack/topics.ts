import {
  ExportLogsServiceRequest,
  ExportMetricsServiceRequest,
  ExportTraceServiceRequest,
  type LogRecord,
  type Resource,
  type Span,
} from '@unhinged/observability-proto/otlp';
import kafkajs from 'kafkajs';
import { uncompress } from 'snappyjs';

const { CompressionCodecs, CompressionTypes, Kafka, logLevel } = kafkajs;

/** What the Collector wrote into the topics, as a consumer finds it. */
export interface Topics {
  spans: (Span & { resource: Resource | undefined; key: string; partition: number })[];
  logs: (LogRecord & { resource: Resource | undefined })[];
  /** Names of metrics by `service.name`. */
  metrics: Map<string, Set<string>>;
  stop(): Promise<void>;
}

export const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString('hex');

export const attribute = (of: { attributes: LogRecord['attributes'] } | undefined, key: string): string => {
  const value = of?.attributes.find((each) => each.key === key)?.value?.value;
  return value?.$case === 'stringValue' ? value.value : '';
};

// kafkajs comes without it. The Collector's client writes one raw block a batch.
CompressionCodecs[CompressionTypes.Snappy] = () => ({
  decompress: (batch: Buffer) => Promise.resolve(uncompress(batch)),
});

/** Makes the topics, with their six partitions, and follows them from the beginning. */
export async function followTopics(broker: string): Promise<Topics> {
  const kafka = new Kafka({
    brokers: [broker],
    logLevel: logLevel.NOTHING,
    // Through restarts of the broker.
    retry: { retries: 1_000, maxRetryTime: 2_000 },
  });
  const names = ['traces', 'metrics', 'logs'].map((name) => `observability.${name}`);
  const admin = kafka.admin();
  await admin.connect();
  await admin.createTopics({
    topics: names.map((topic) => ({ topic, numPartitions: 6 })),
    waitForLeaders: true,
  });
  await admin.disconnect();
  const consumer = kafka.consumer({ groupId: 'path-test' });
  await consumer.connect();
  await consumer.subscribe({ topics: names, fromBeginning: true });
  const found: Topics = {
    spans: [],
    logs: [],
    metrics: new Map(),
    stop: () => consumer.disconnect(),
  };
  await consumer.run({
    eachMessage: ({ topic, partition, message }) => {
      const value = message.value ?? new Uint8Array();
      if (topic.endsWith('traces')) addSpans(found, value, String(message.key), partition);
      else if (topic.endsWith('logs')) addLogs(found, value);
      else addMetrics(found, value);
      return Promise.resolve();
    },
  });
  return found;
}

function addSpans({ spans }: Topics, value: Uint8Array, key: string, partition: number): void {
  for (const { resource, scopeSpans } of ExportTraceServiceRequest.decode(value).resourceSpans) {
    for (const span of scopeSpans.flatMap((scope) => scope.spans))
      spans.push({ ...span, resource, key, partition });
  }
}

function addLogs({ logs }: Topics, value: Uint8Array): void {
  for (const { resource, scopeLogs } of ExportLogsServiceRequest.decode(value).resourceLogs) {
    for (const log of scopeLogs.flatMap((scope) => scope.logRecords)) logs.push({ ...log, resource });
  }
}

function addMetrics({ metrics }: Topics, value: Uint8Array): void {
  for (const { resource, scopeMetrics } of ExportMetricsServiceRequest.decode(value).resourceMetrics) {
    const service = attribute(resource, 'service.name');
    const names = metrics.get(service) ?? new Set();
    for (const { name } of scopeMetrics.flatMap((scope) => scope.metrics)) names.add(name);
    metrics.set(service, names);
  }
}
