import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { buffer } from 'node:stream/consumers';
import { gunzipSync } from 'node:zlib';
import { Server, ServerCredentials, type ServiceDefinition, type UntypedHandleCall } from '@grpc/grpc-js';
import {
  ExportLogsServiceRequest,
  ExportMetricsServiceRequest,
  ExportTraceServiceRequest,
  type AnyValue,
  type KeyValue,
  type LogRecord,
  type Metric,
  type Span,
} from '@unhinged/observability-proto/otlp';

type Resource = Record<string, unknown>;
export type ReceivedSpan = Span & { resource: Resource; scope: string };
export type ReceivedLog = LogRecord & { resource: Resource };
export type ReceivedMetric = Metric & { resource: Resource };

/** A real OTLP receiver, gRPC and HTTP, that keeps what it is sent. */
export interface OtlpReceiver {
  readonly grpcUrl: string;
  readonly httpUrl: string;
  readonly spans: ReceivedSpan[];
  readonly logs: ReceivedLog[];
  readonly metrics: ReceivedMetric[];
  /** Headers (or gRPC metadata) of each request, with `:path`. */
  readonly headers: Record<string, unknown>[];
  stop(): Promise<void>;
}

export async function startOtlpReceiver(): Promise<OtlpReceiver> {
  const spans: ReceivedSpan[] = [];
  const logs: ReceivedLog[] = [];
  const metrics: ReceivedMetric[] = [];
  const headers: Record<string, unknown>[] = [];

  const takers: Record<string, (body: Buffer, json: boolean) => void> = {
    '/v1/traces': (body, json) => {
      const request = json
        ? ExportTraceServiceRequest.fromJSON(JSON.parse(body.toString()))
        : ExportTraceServiceRequest.decode(body);
      for (const { resource, scopeSpans } of request.resourceSpans) {
        for (const scoped of scopeSpans) {
          for (const span of scoped.spans) {
            spans.push({
              ...span,
              resource: attributes(resource?.attributes),
              scope: scoped.scope?.name ?? '',
            });
          }
        }
      }
    },
    '/v1/logs': (body, json) => {
      const request = json
        ? ExportLogsServiceRequest.fromJSON(JSON.parse(body.toString()))
        : ExportLogsServiceRequest.decode(body);
      for (const { resource, scopeLogs } of request.resourceLogs) {
        for (const record of scopeLogs.flatMap((scoped) => scoped.logRecords)) {
          logs.push({ ...record, resource: attributes(resource?.attributes) });
        }
      }
    },
    '/v1/metrics': (body, json) => {
      const request = json
        ? ExportMetricsServiceRequest.fromJSON(JSON.parse(body.toString()))
        : ExportMetricsServiceRequest.decode(body);
      for (const { resource, scopeMetrics } of request.resourceMetrics) {
        for (const metric of scopeMetrics.flatMap((scoped) => scoped.metrics)) {
          metrics.push({ ...metric, resource: attributes(resource?.attributes) });
        }
      }
    },
  };

  const http = createServer((request, response) => {
    void answerHttp(request, response, takers, headers);
  });
  await new Promise<void>((resolve) => http.listen(0, '127.0.0.1', resolve));

  const grpc = new Server();
  for (const signal of ['Trace', 'Metrics', 'Logs']) {
    const folder = signal === 'Trace' ? 'traces' : signal.toLowerCase();
    const path = `/opentelemetry.proto.collector.${signal.toLowerCase()}.v1.${signal}Service/Export`;
    const service: ServiceDefinition = {
      Export: {
        path,
        requestStream: false,
        responseStream: false,
        requestSerialize: (value: Buffer) => value,
        requestDeserialize: (value: Buffer) => value,
        responseSerialize: (value: Buffer) => value,
        responseDeserialize: (value: Buffer) => value,
      },
    };
    const handle: UntypedHandleCall = (
      call: { request: Buffer; metadata: { getMap(): Record<string, unknown> } },
      done: (error: Error | null, answer?: Buffer) => void,
    ) => {
      headers.push({ ...call.metadata.getMap(), ':path': path });
      takers[`/v1/${folder}`]?.(call.request, false);
      done(null, Buffer.alloc(0));
    };
    grpc.addService(service, { Export: handle });
  }
  const grpcPort = await new Promise<number>((resolve, reject) => {
    grpc.bindAsync('127.0.0.1:0', ServerCredentials.createInsecure(), (error, port) => {
      if (error) reject(error);
      else resolve(port);
    });
  });

  return {
    grpcUrl: `http://127.0.0.1:${grpcPort.toString()}`,
    httpUrl: `http://127.0.0.1:${(http.address() as AddressInfo).port.toString()}`,
    spans,
    logs,
    metrics,
    headers,
    stop: async () => {
      grpc.forceShutdown();
      http.closeAllConnections();
      await new Promise((resolve) => http.close(resolve));
    },
  };
}

async function answerHttp(
  request: IncomingMessage,
  response: ServerResponse,
  takers: Record<string, (body: Buffer, json: boolean) => void>,
  headers: Record<string, unknown>[],
): Promise<void> {
  // A process that ends may leave a body half sent: that never became a request, and fails no test.
  const sent = await buffer(request).catch(() => undefined);
  if (sent === undefined) return;
  const body = request.headers['content-encoding'] === 'gzip' ? gunzipSync(sent) : sent;
  const json = request.headers['content-type'] === 'application/json';
  headers.push({ ...request.headers, ':path': request.url });
  takers[request.url ?? '']?.(body, json);
  response.writeHead(200, { 'content-type': json ? 'application/json' : 'application/x-protobuf' });
  response.end(json ? '{}' : undefined);
}

/** OTLP attributes as a plain object. */
export function attributes(list: readonly KeyValue[] = []): Record<string, unknown> {
  return Object.fromEntries(list.map(({ key, value }) => [key, plain(value)]));
}

export function plain(value: AnyValue | undefined): unknown {
  const held = value?.value;
  if (held === undefined) return undefined;
  switch (held.$case) {
    case 'arrayValue':
      return held.value.values.map(plain);
    case 'kvlistValue':
      return attributes(held.value.values);
    default:
      return held.value;
  }
}

export function hex(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString('hex');
}
