import type { IncomingHttpHeaders } from 'node:http';
import { constants, type ClientHttp2Stream, type OutgoingHttpHeaders } from 'node:http2';
import type { SignalConfig, SignalName } from '../../config/resolve.js';
import { compress } from './compress.js';
import { grpcTarget } from './destination.js';
import { sharedConnection } from './grpc-connection.js';
import { acceptedProtobuf, retryInfoMs } from './response.js';
import type { Answer, Transport } from './transport.js';

const SERVICE: Readonly<Record<SignalName, string>> = {
  traces: 'trace.v1.TraceService',
  metrics: 'metrics.v1.MetricsService',
  logs: 'logs.v1.LogsService',
};

// gRPC status codes; RETRYABLE is the OTLP specification's list ("OTLP/gRPC Response", failures).
const OK = 0;
const RESOURCE_EXHAUSTED = 8;
const UNAVAILABLE = 14;
const RETRYABLE: ReadonlySet<number> = new Set([1, 4, 10, 11, UNAVAILABLE, 15]);
/** For answers of proxies that know no gRPC (gRPC, "HTTP to gRPC Status Code Mapping"). */
const OF_HTTP: ReadonlyMap<number, number> = new Map([
  [400, 13],
  [401, 16],
  [403, 7],
  [404, 12],
  [429, UNAVAILABLE],
  [502, UNAVAILABLE],
  [503, UNAVAILABLE],
  [504, UNAVAILABLE],
]);
/** A response holds a message at most: more is no response of a collector. */
const MAX_RESPONSE_BYTES = 1024 * 1024;

/** Unary gRPC, framed by hand on node:http2 (docs/decisions/0006). @throws ObservabilityError for a bad target or certificate. */
export function grpcTransport(signal: SignalName, config: SignalConfig): Transport {
  const connection = sharedConnection(grpcTarget(config));
  const gzip = config.compression === 'gzip';
  const headers: OutgoingHttpHeaders = {
    ...Object.fromEntries(Object.entries(config.headers).map(([key, value]) => [key.toLowerCase(), value])),
    ':method': 'POST',
    ':path': `/opentelemetry.proto.collector.${SERVICE[signal]}/Export`,
    'content-type': 'application/grpc',
    te: 'trailers',
    'grpc-timeout': `${config.timeoutMs.toString()}m`,
    'user-agent': 'unhinged-observability-node',
    ...(gzip && { 'grpc-encoding': 'gzip' }),
  };
  const streams = new Set<ClientHttp2Stream>();
  let sends = 0;
  const send = async (body: Uint8Array): Promise<Answer> => {
    sends += 1;
    try {
      const payload = gzip ? await compress(body) : body;
      const session = await connection.open(config.timeoutMs);
      const stream = session.request(headers);
      streams.add(stream);
      stream.once('close', () => streams.delete(stream));
      return await call(stream, payload, gzip, config.timeoutMs, () => {
        connection.retire(session);
      });
    } catch (error) {
      return { outcome: 'retry', message: error instanceof Error ? error.message : String(error) };
    } finally {
      sends -= 1;
    }
  };
  return {
    send: (body) => connection.use(() => send(body)),
    disconnect: () => {
      for (const stream of streams) stream.close(constants.NGHTTP2_CANCEL);
      connection.disconnect(sends);
    },
  };
}

function call(
  stream: ClientHttp2Stream,
  payload: Uint8Array,
  compressed: boolean,
  timeoutMs: number,
  onTimeout: () => void,
): Promise<Answer> {
  return new Promise((resolve) => {
    const timer = setTimeout(() => {
      // A peer that went away without a word looks the same: the next attempt gets a new connection.
      onTimeout();
      resolve({ outcome: 'retry', message: `no answer within ${timeoutMs.toString()} ms` });
      stream.close(constants.NGHTTP2_CANCEL);
    }, timeoutMs);
    timer.unref();
    const chunks: Buffer[] = [];
    let size = 0;
    let first: IncomingHttpHeaders = {};
    let trailers: IncomingHttpHeaders = {};
    stream.on('response', (received: IncomingHttpHeaders) => {
      first = received;
    });
    stream.on('trailers', (received: IncomingHttpHeaders) => {
      trailers = received;
    });
    stream.on('data', (chunk: Buffer) => {
      size += chunk.length;
      if (size <= MAX_RESPONSE_BYTES) chunks.push(chunk);
    });
    let problem = 'the connection was closed before an answer';
    stream.on('error', (error: Error) => {
      problem = error.message;
    });
    stream.on('close', () => {
      clearTimeout(timer);
      const status = trailers['grpc-status'] ?? first['grpc-status'];
      const http = Number(first[':status'] ?? 0);
      if (status !== undefined) resolve(answer(Number(status), { ...first, ...trailers }, chunks));
      else if (http === 0) resolve({ outcome: 'retry', message: problem });
      else resolve(answer(OF_HTTP.get(http) ?? 2, { 'grpc-message': `HTTP status ${http.toString()}` }, []));
    });
    // gRPC's length-prefixed message: one byte "compressed", four bytes length.
    const prefix = Buffer.allocUnsafe(5);
    prefix[0] = compressed ? 1 : 0;
    prefix.writeUInt32BE(payload.length, 1);
    stream.cork();
    stream.write(prefix);
    stream.end(payload);
  });
}

function answer(status: number, headers: IncomingHttpHeaders, chunks: readonly Buffer[]): Answer {
  if (status === OK) {
    const body = Buffer.concat(chunks);
    // Compressed answers were not asked for; what one may say is done without.
    return acceptedProtobuf(body[0] === 0 ? body.subarray(5) : new Uint8Array());
  }
  const message = `gRPC status ${status.toString()}: ${decodeMessage(headers['grpc-message'])}`;
  const details = headers['grpc-status-details-bin'];
  const afterMs = typeof details === 'string' ? retryInfoMs(Buffer.from(details, 'base64')) : undefined;
  if (RETRYABLE.has(status) || (status === RESOURCE_EXHAUSTED && afterMs !== undefined)) {
    return { outcome: 'retry', message, ...(afterMs !== undefined && { afterMs }) };
  }
  // No code of its own says "too large": the words of grpc-go, grpc-js, grpc-java, tonic and our bridge do.
  if (
    status === RESOURCE_EXHAUSTED &&
    /larger than|too large|too big|exceeds|max(imum)? .*size/i.test(message)
  ) {
    return { outcome: 'too_large', message };
  }
  return { outcome: 'refused', message };
}

function decodeMessage(header: string | string[] | undefined): string {
  const text = String(header ?? '');
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
