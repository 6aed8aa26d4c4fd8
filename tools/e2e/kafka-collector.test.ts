import { CDCObservabilityIntegration, EventEmitter } from '@unhinged/events';
import { decodeRecord, Journal, journalTransport } from '@unhinged/events/journal';
import { EventConsumer, forwardToKafka, journalSink } from '@unhinged/events/kafka';
import { LogEvent, MetricEvent, TraceEvent } from '@unhinged/observability-proto';

import { useBroker } from './support/kafka.js';
import { startKafkaCollector } from './support/otelcol.mjs';
import { temporaryFolder } from './support/system.js';

const SPANS = 500;
const traceIdOf = (n: number): string => (n + 1).toString(16).padStart(32, '0');

/** Spans, log lines and a metric over OTLP/HTTP, as any SDK sends them. */
async function sendOtlp(url: string): Promise<void> {
  const nano = `${String(Date.now())}000000`;
  const resource = { attributes: [{ key: 'service.name', value: { stringValue: 'foreign' } }] };
  const ids = (n: number) => ({ traceId: traceIdOf(n), spanId: (n + 1).toString(16).padStart(16, '0') });
  const spans = Array.from({ length: SPANS }, (_, n) => ({
    ...{ ...ids(n), name: `span ${String(n)}`, startTimeUnixNano: nano, endTimeUnixNano: nano },
  }));
  const logRecords = Array.from({ length: SPANS }, (_, n) => ({
    ...{ ...ids(n), timeUnixNano: nano, severityNumber: 9, body: { stringValue: `line ${String(n)}` } },
  }));
  const metrics = [{ name: 'orders', gauge: { dataPoints: [{ timeUnixNano: nano, asDouble: 1 }] } }];
  const bodies = {
    traces: { resourceSpans: [{ resource, scopeSpans: [{ spans }] }] },
    logs: { resourceLogs: [{ resource, scopeLogs: [{ logRecords }] }] },
    metrics: { resourceMetrics: [{ resource, scopeMetrics: [{ metrics }] }] },
  };
  for (const [signal, body] of Object.entries(bodies)) {
    const { status } = await fetch(`${url}/v1/${signal}`, {
      ...{ method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) },
    });
    expect(status).toBe(200);
  }
}

test(`the topics of typed events also fed by a real Collector's Kafka exporter: one stream, ${String(SPANS)} spans, ${String(SPANS)} lines of each kind, a metric, each once, also when read twice`, async () => {
  const broker = await useBroker();
  const collector = await startKafkaCollector(broker.brokers);
  const folders = [temporaryFolder(), temporaryFolder()] as const;
  const [journal, output] = await Promise.all(folders.map(({ path }) => Journal.open({ dir: path })));
  if (!journal || !output) throw new Error('no journal');
  const forwarding = forwardToKafka(journal, { brokers: broker.brokers });
  const options = { brokers: broker.brokers, sink: journalSink(output) };
  const first = new EventConsumer({ ...options, groupId: 'collector' });
  try {
    // Makes the topics.
    await first.start();
    expect(await first.caughtUp(60_000)).toBe(true);
    await sendOtlp(collector.url);
    const cdc = new CDCObservabilityIntegration(new EventEmitter({ transport: journalTransport(journal) }));
    await Promise.all(
      Array.from({ length: SPANS }, (_, n) =>
        cdc.emitLogEvent({
          level: 'info',
          service: 'ours',
          message: `ours ${String(n)}`,
          traceId: traceIdOf(n),
        }),
      ),
    );
    expect(await forwarding.flush(60_000)).toBe(true);
    // What it still has in its queue, it sends when it ends.
    await collector.stop();
    expect(await first.caughtUp(60_000)).toBe(true);
    expect(first.stats()).toMatchObject({
      events: 3 * SPANS + 1,
      duplicates: 0,
      rejected: {},
      deadLettered: {},
    });
    await first.stop();

    const records = (await output.read({ from: 1, maxRecords: 10_000 })).map(({ payload }) =>
      decodeRecord(payload),
    );
    const of = (type: string) =>
      records.filter(({ eventType }) => eventType === type).map(({ value }) => value);
    const all = (prefix: string) => Array.from({ length: SPANS }, (_, n) => `${prefix} ${String(n)}`).sort();
    expect(
      of('span')
        .map((value) => TraceEvent.decode(value).span?.name)
        .sort(),
    ).toEqual(all('span'));
    const lines = of('log_entry').map((value) => LogEvent.decode(value));
    expect(lines.map(({ message }) => message).sort()).toEqual([...all('line'), ...all('ours')].sort());
    expect(of('metric').map((value) => MetricEvent.decode(value).metric?.name)).toEqual(['orders']);
    // One trace: the span and the line of the Collector, and the line that we emitted.
    const trace = records.filter(({ key }) => key === traceIdOf(7)).map(({ eventType }) => eventType);
    expect(trace.sort()).toEqual(['log_entry', 'log_entry', 'span']);

    // The sink that lost its progress, not its events: all is read again, nothing is stored again.
    const again = new EventConsumer({
      ...{ ...options, groupId: 'collector-again' },
      sink: {
        ...options.sink,
        restore: async () => ({ ...(await options.sink.restore()), progress: undefined }),
      },
    });
    await again.start();
    expect(await again.caughtUp(60_000)).toBe(true);
    expect(again.stats()).toMatchObject({ events: 0, duplicates: 3 * SPANS + 1 });
    await again.stop();
  } finally {
    await first.stop();
    await collector.stop();
    await forwarding.stop();
    await Promise.all([journal.close(), output.close()]);
    for (const folder of folders) folder.remove();
    await broker.end();
  }
}, 900_000);
