import {
  ExportLogsServiceRequest,
  ExportMetricsServiceRequest,
  ExportTraceServiceRequest,
  type KeyValue,
  type LogRecord,
  type Metric,
  type Span,
} from '@unhinged/observability-proto/otlp';
import { structFromKeyValues } from '@unhinged/observability-core';
import { createServer, type IncomingHttpHeaders } from 'node:http';
import type { AddressInfo } from 'node:net';
import { gunzipSync } from 'node:zlib';

type Plain = ReturnType<typeof structFromKeyValues>;

/** A real OTLP/HTTP receiver, which also serves the page's own API under `/api`. */
export interface Receiver {
  url: string;
  spans: (Span & { resource: Plain; plain: Plain })[];
  logs: (LogRecord & { resource: Plain; plain: Plain; scopeName: string })[];
  metrics: (Metric & { resource: Plain })[];
  /** Requests that were not exports. */
  calls: { path: string; headers: IncomingHttpHeaders }[];
  exports: { path: string; contentType: string | undefined; traceparent: unknown }[];
  /** Status for exports; 200 unless a test sets another. */
  refuse: number | undefined;
  close(): Promise<void>;
}

export async function startReceiver(): Promise<Receiver> {
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      response.setHeader('access-control-allow-origin', '*');
      response.setHeader('access-control-allow-headers', '*');
      const path = request.url ?? '';
      if (request.method === 'OPTIONS') return response.end();
      if (!path.startsWith('/v1/')) {
        receiver.calls.push({ path, headers: request.headers });
        response.statusCode = path.startsWith('/api/fail') ? 500 : 200;
        return response.end('{}');
      }
      const { 'content-type': contentType, traceparent } = request.headers;
      receiver.exports.push({ path, contentType, traceparent });
      if (receiver.refuse !== undefined) {
        response.statusCode = receiver.refuse;
        return response.end();
      }
      const body = Buffer.concat(chunks);
      read(path, request.headers['content-encoding'] === 'gzip' ? gunzipSync(body) : body);
      return response.end();
    });
  });
  const read = (path: string, body: Uint8Array) => {
    if (path === '/v1/traces') {
      for (const { resource, scopeSpans } of ExportTraceServiceRequest.decode(body).resourceSpans) {
        const from = plain(resource?.attributes);
        for (const span of scopeSpans.flatMap((scope) => scope.spans)) {
          receiver.spans.push({ ...span, resource: from, plain: plain(span.attributes) });
        }
      }
    } else if (path === '/v1/logs') {
      for (const { resource, scopeLogs } of ExportLogsServiceRequest.decode(body).resourceLogs) {
        const from = plain(resource?.attributes);
        for (const { scope, logRecords } of scopeLogs) {
          for (const log of logRecords) {
            receiver.logs.push({
              ...log,
              resource: from,
              plain: plain(log.attributes),
              scopeName: scope?.name ?? '',
            });
          }
        }
      }
    } else {
      for (const { resource, scopeMetrics } of ExportMetricsServiceRequest.decode(body).resourceMetrics) {
        const from = plain(resource?.attributes);
        for (const metric of scopeMetrics.flatMap((scope) => scope.metrics)) {
          receiver.metrics.push({ ...metric, resource: from });
        }
      }
    }
  };
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const receiver: Receiver = {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    spans: [],
    logs: [],
    metrics: [],
    calls: [],
    exports: [],
    refuse: undefined,
    close: () =>
      new Promise((resolve) => {
        server.closeAllConnections();
        server.close(() => {
          resolve();
        });
      }),
  };
  return receiver;
}

const plain = (attributes: KeyValue[] | undefined): Plain => structFromKeyValues(attributes ?? []);

export const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString('hex');

/** Waits for a claim to become true; says which did not. */
export async function eventually(claim: () => boolean, what: string, timeoutMs = 10_000): Promise<void> {
  const end = Date.now() + timeoutMs;
  while (!claim()) {
    if (Date.now() > end) throw new Error(`not within ${timeoutMs} ms: ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}
