import type { IncomingMessage, ServerResponse } from 'node:http';
import { PrometheusSerializer } from '@opentelemetry/exporter-prometheus';
import { MetricReader } from '@opentelemetry/sdk-metrics';

/** Renders this process's metrics on demand as Prometheus text, without a port of its own. */
export class PrometheusReader extends MetricReader {
  private readonly serializer = new PrometheusSerializer();

  /** Prometheus text exposition format 0.0.4. */
  async text(): Promise<string> {
    const { resourceMetrics } = await this.collect();
    return this.serializer.serialize(resourceMetrics);
  }

  protected override onForceFlush(): Promise<void> {
    return Promise.resolve();
  }

  protected override onShutdown(): Promise<void> {
    return Promise.resolve();
  }
}

export const PROMETHEUS_CONTENT_TYPE = 'text/plain; version=0.0.4; charset=utf-8';

/** Answers a plain node:http request with the text, or 500 with the reason. Never rejects. */
export async function answerMetrics(
  read: () => Promise<string>,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  try {
    const body = await read();
    response.writeHead(200, { 'content-type': PROMETHEUS_CONTENT_TYPE });
    response.end(request.method === 'HEAD' ? undefined : body);
  } catch (error) {
    if (!response.headersSent) response.writeHead(500, { 'content-type': 'text/plain; charset=utf-8' });
    response.end(`metrics could not be collected: ${String(error)}\n`);
  }
}
