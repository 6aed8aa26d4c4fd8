import { createServer } from 'node:http';
import type { Counters } from '../counters.js';
import { closeServer, listen } from '../receive/listen.js';
import type { Receiver } from '../receive/http.js';
import type { PrometheusSink } from './prometheus-sink.js';

const TEXT = 'text/plain; version=0.0.4; charset=utf-8';
const OPEN_METRICS = 'application/openmetrics-text; version=1.0.0; charset=utf-8';

/** GET /metrics: the metrics received over OTLP, then our own counters; OpenMetrics when the scraper asks for it. */
export async function startMetricsServer(options: {
  host: string;
  port: number;
  sink: PrometheusSink;
  counters: Counters;
}): Promise<Receiver> {
  const server = createServer((request, response) => {
    const path = (request.url ?? '/').split('?', 1)[0];
    if (path !== '/metrics' || (request.method !== 'GET' && request.method !== 'HEAD')) {
      response.writeHead(404, { 'Content-Type': 'text/plain' }).end('Metrics are at GET /metrics.\n');
      return;
    }
    const openMetrics = (request.headers.accept ?? '').includes('application/openmetrics-text');
    const body = options.sink.expose(openMetrics) + options.counters.expose(openMetrics);
    response.writeHead(200, { 'Content-Type': openMetrics ? OPEN_METRICS : TEXT });
    response.end(openMetrics ? `${body}# EOF\n` : body);
  });
  const port = await listen(server, 'Prometheus metrics', options.host, options.port);
  return { port, stop: () => closeServer(server, 1_000) };
}
