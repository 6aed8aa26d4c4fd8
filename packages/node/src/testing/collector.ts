import { createServer as createHttp } from 'node:http';
import { createServer as createHttp2, createSecureServer, type ServerHttp2Session } from 'node:http2';
import type { AddressInfo, Socket } from 'node:net';
import { gunzipSync } from 'node:zlib';
import {
  ExportLogsServiceRequest,
  ExportMetricsServiceRequest,
  ExportTraceServiceRequest,
} from '@unhinged/observability-proto/otlp';

export type Signal = 'traces' | 'logs' | 'metrics';

/** What a collector does with one request. `rejected` is a partial success, the numbers are gRPC and HTTP statuses. */
export type Reply =
  | { take: true; rejected?: number; message?: string }
  | { grpc: number; http: number; message?: string; retryAfterS?: number }
  | 'hang'
  | 'reset';

export const TAKE: Reply = { take: true };
export const UNAVAILABLE: Reply = { grpc: 14, http: 503, message: 'not now' };

/** One request as it came. */
export interface Received {
  signal: Signal;
  records: number;
  bytes: number;
  headers: Record<string, unknown>;
}

/** A collector over gRPC and HTTP whose answers a test decides. It decodes what it gets, to know what is in it. */
export interface Collector {
  grpcUrl: string;
  httpUrl: string;
  /** Every attempt, taken or not. */
  attempts: Received[];
  /** Names of spans, bodies of log records and names of metrics that were taken, one for each record. */
  taken: string[];
  answer: (request: Received) => Reply;
  /** Requests that wait for an answer now, and the most that ever did. */
  waiting: number;
  mostWaiting: number;
  connections: number;
  /** As a server does before it goes away. */
  goAway(): void;
  stop(): Promise<void>;
}

interface CollectorOptions {
  /** 0: a free one. */
  grpcPort?: number;
  host?: string;
  tls?: { key: string; cert: string; ca?: string };
}

export async function startCollector(options: CollectorOptions = {}): Promise<Collector> {
  const { grpcPort = 0, host = '127.0.0.1', tls } = options;
  const sockets = new Set<Socket>();
  const sessions = new Set<ServerHttp2Session>();
  const collector: Collector = {
    grpcUrl: '',
    httpUrl: '',
    attempts: [],
    taken: [],
    answer: () => TAKE,
    waiting: 0,
    mostWaiting: 0,
    connections: 0,
    goAway: () => {
      for (const session of sessions) session.close();
    },
    stop: async () => {
      for (const session of sessions) session.destroy();
      for (const socket of sockets) socket.destroy();
      await Promise.all([grpc, http].map((server) => new Promise((done) => server.close(done))));
    },
  };
  const decide = (
    signal: Signal,
    body: Buffer,
    headers: Record<string, unknown>,
    json: boolean,
  ): { reply: Reply; received: Received } => {
    const names = NAMES[signal](body, json);
    const received = { signal, records: names.length, bytes: body.length, headers };
    collector.attempts.push(received);
    collector.waiting += 1;
    collector.mostWaiting = Math.max(collector.mostWaiting, collector.waiting);
    const reply = collector.answer(received);
    if (typeof reply === 'object' && 'take' in reply) {
      collector.taken.push(...names.slice(reply.rejected ?? 0));
    }
    return { reply, received };
  };

  const grpc =
    tls === undefined
      ? createHttp2()
      : createSecureServer({ ...tls, ...(tls.ca !== undefined && { requestCert: true }) });
  grpc.on('session', (session: ServerHttp2Session) => {
    collector.connections += 1;
    sessions.add(session);
    session.on('error', () => undefined);
    session.on('close', () => sessions.delete(session));
  });
  grpc.on('stream', (stream, headers) => {
    const chunks: Buffer[] = [];
    stream.on('error', () => undefined);
    stream.on('data', (chunk: Buffer) => chunks.push(chunk));
    stream.on('end', () => {
      const framed = Buffer.concat(chunks);
      // Cancelled by the client.
      if (framed.length < 5) return;
      const message = framed.subarray(5, 5 + framed.readUInt32BE(1));
      const body = framed[0] === 1 ? gunzipSync(message) : message;
      const service = /(trace|logs|metrics)\.v1/.exec(String(headers[':path']))?.[1];
      const signal = service === 'trace' ? 'traces' : (service as Signal);
      const { reply } = decide(signal, body, headers, false);
      stream.on('close', () => (collector.waiting -= 1));
      if (reply === 'hang') return;
      if (reply === 'reset') {
        stream.session?.destroy();
        return;
      }
      const trailers =
        'take' in reply
          ? { 'grpc-status': '0' }
          : {
              'grpc-status': reply.grpc.toString(),
              'grpc-message': encodeURIComponent(reply.message ?? ''),
              ...(reply.retryAfterS !== undefined && {
                'grpc-status-details-bin': retryInfo(reply.retryAfterS).toString('base64'),
              }),
            };
      stream.respond({ ':status': 200, 'content-type': 'application/grpc' }, { waitForTrailers: true });
      stream.on('wantTrailers', () => {
        stream.sendTrailers(trailers);
      });
      if (!('take' in reply)) stream.end();
      else {
        const answer = partialSuccess(reply.rejected ?? 0, reply.message ?? '');
        const prefix = Buffer.alloc(5);
        prefix.writeUInt32BE(answer.length, 1);
        stream.end(Buffer.concat([prefix, answer]));
      }
    });
  });

  const http = createHttp((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('error', () => undefined);
    request.on('end', () => {
      const sent = Buffer.concat(chunks);
      const body = request.headers['content-encoding'] === 'gzip' ? gunzipSync(sent) : sent;
      const json = request.headers['content-type'] === 'application/json';
      const { reply } = decide(
        (request.url ?? '').replace('/v1/', '') as Signal,
        body,
        request.headers,
        json,
      );
      response.on('close', () => (collector.waiting -= 1));
      if (reply === 'hang') return;
      if (reply === 'reset') {
        request.socket.destroy();
        return;
      }
      if ('take' in reply) {
        response.writeHead(200);
        const { rejected = 0, message = '' } = reply;
        response.end(
          json
            ? JSON.stringify({
                partialSuccess: { rejectedSpans: rejected.toString(), errorMessage: message },
              })
            : partialSuccess(rejected, message),
        );
        return;
      }
      response.writeHead(reply.http, {
        ...(reply.retryAfterS !== undefined && { 'retry-after': Math.ceil(reply.retryAfterS).toString() }),
      });
      response.end(reply.message);
    });
  });
  for (const server of [grpc, http]) {
    server.on('connection', (socket: Socket) => {
      sockets.add(socket);
      socket.on('close', () => sockets.delete(socket));
      socket.on('error', () => undefined);
    });
  }
  await new Promise<void>((done) => grpc.listen(grpcPort, host, done));
  await new Promise<void>((done) => http.listen(0, host, done));
  const name = host.includes(':') ? `[${host}]` : host;
  const port = (server: { address(): unknown }) => (server.address() as AddressInfo).port.toString();
  collector.grpcUrl = `${tls === undefined ? 'http' : 'https'}://${name}:${port(grpc)}`;
  collector.httpUrl = `http://${name}:${port(http)}`;
  return collector;
}

const NAMES: Readonly<Record<Signal, (body: Buffer, json: boolean) => string[]>> = {
  traces: (body, json) =>
    (json
      ? ExportTraceServiceRequest.fromJSON(JSON.parse(body.toString()))
      : ExportTraceServiceRequest.decode(body)
    ).resourceSpans.flatMap(({ scopeSpans }) =>
      scopeSpans.flatMap(({ spans }) => spans.map(({ name }) => name)),
    ),
  logs: (body, json) =>
    (json
      ? ExportLogsServiceRequest.fromJSON(JSON.parse(body.toString()))
      : ExportLogsServiceRequest.decode(body)
    ).resourceLogs.flatMap(({ scopeLogs }) =>
      scopeLogs.flatMap(({ logRecords }) =>
        logRecords.map(({ body: text }) => (text?.value?.$case === 'stringValue' ? text.value.value : '')),
      ),
    ),
  metrics: (body, json) =>
    (json
      ? ExportMetricsServiceRequest.fromJSON(JSON.parse(body.toString()))
      : ExportMetricsServiceRequest.decode(body)
    ).resourceMetrics.flatMap(({ scopeMetrics }) =>
      scopeMetrics.flatMap(({ metrics }) =>
        metrics.flatMap(({ name, data }) =>
          data === undefined ? [] : data.value.dataPoints.map(() => name),
        ),
      ),
    ),
};

function message(field: number, body: Buffer): Buffer {
  return Buffer.concat([Buffer.from([field * 8 + 2, body.length]), body]);
}

function partialSuccess(rejected: number, text: string): Buffer {
  if (rejected === 0 && text === '') return Buffer.alloc(0);
  return message(1, Buffer.concat([Buffer.from([8, rejected]), message(2, Buffer.from(text))]));
}

/** A google.rpc.Status with one RetryInfo of less than 128 seconds. */
function retryInfo(seconds: number): Buffer {
  const whole = Math.floor(seconds);
  const nanos: number[] = [];
  for (let rest = Math.round((seconds - whole) * 1e9); ; rest = Math.floor(rest / 128)) {
    nanos.push(rest > 127 ? (rest % 128) + 128 : rest);
    if (rest <= 127) break;
  }
  const delay = Buffer.from([8, whole, 16, ...nanos]);
  const info = message(1, delay);
  return message(
    3,
    Buffer.concat([message(1, Buffer.from('type.googleapis.com/google.rpc.RetryInfo')), message(2, info)]),
  );
}
