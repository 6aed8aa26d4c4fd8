import type { IncomingMessage, ServerResponse } from 'node:http';
import { MetricReader } from '@opentelemetry/sdk-metrics';
import { prometheusText, type Format } from './prometheus-text.js';

/** Renders this process's metrics on demand for Prometheus, without a port of its own. */
export class PrometheusReader extends MetricReader {
  async text(format: Format): Promise<string> {
    const { resourceMetrics } = await this.collect();
    return prometheusText(resourceMetrics, format);
  }

  protected override onForceFlush(): Promise<void> {
    return Promise.resolve();
  }

  protected override onShutdown(): Promise<void> {
    return Promise.resolve();
  }
}

const CONTENT_TYPES: Readonly<Record<Format, string>> = {
  text: 'text/plain; version=0.0.4; charset=utf-8',
  openmetrics: 'application/openmetrics-text; version=1.0.0; charset=utf-8',
};

/** Answers a plain node:http request in the format that it prefers, or 500 with the reason. Never rejects. */
export async function answerMetrics(
  read: (format: Format) => Promise<string>,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  try {
    const format = preferred(request.headers.accept ?? '');
    const body = await read(format);
    response.writeHead(200, { 'content-type': CONTENT_TYPES[format], vary: 'accept' });
    response.end(request.method === 'HEAD' ? undefined : body);
  } catch (error) {
    if (!response.headersSent) response.writeHead(500, { 'content-type': 'text/plain; charset=utf-8' });
    response.end(`metrics could not be collected: ${String(error)}\n`);
  }
}

/** OpenMetrics for whoever names it and likes text/plain no better (RFC 9110 §12.5.1); a browser gets what it can show. */
function preferred(accept: string): Format {
  const quality = new Map(
    accept.split(',').map((part) => {
      const [type = '', ...parameters] = part.split(';').map((each) => each.trim().toLowerCase());
      const q = parameters.find((each) => each.startsWith('q='))?.slice(2);
      return [type, q === undefined ? 1 : Number(q) || 0] as const;
    }),
  );
  const openmetrics = quality.get('application/openmetrics-text') ?? 0;
  return openmetrics > 0 && openmetrics >= (quality.get('text/plain') ?? 0) ? 'openmetrics' : 'text';
}
