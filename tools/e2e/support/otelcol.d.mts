/** A Collector that takes OTLP over HTTP at `url` and writes it to the topics of the stream. Built once on this machine. */
export function startKafkaCollector(
  brokers: readonly string[],
): Promise<{ url: string; stop: () => Promise<void> }>;
