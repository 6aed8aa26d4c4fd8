import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { Batch } from '../batch.js';
import type { Counters } from '../counters.js';
import { exportResponse, exportResponseJson, rpcStatus, rpcStatusJson } from '../otlp/answers.js';
import { JsonError } from '../otlp/json-text.js';
import { jsonToProtobuf } from '../otlp/json-to-protobuf.js';
import { requestTypes, SIGNALS, type Outcome, type Signal } from '@unhinged/events/otlp';
import type { Admission } from './admission.js';
import { readBody } from './body.js';
import { Cors } from './cors.js';
import { closeServer, listen } from './listen.js';
import { Refusal } from '../refusal.js';

export interface HttpReceiverOptions {
  host: string;
  port: number;
  corsOrigins: readonly string[];
  /** Bytes of one body, before and after decompression. */
  maxRequestBytes: number;
  /** Milliseconds from the first byte of a request to its last. */
  requestTimeoutMs: number;
  /** Stores a batch; rejects with a {@link Refusal} when nothing of it was stored. */
  accept: (batch: Batch) => Promise<Outcome>;
  admission: Admission;
  counters: Counters;
}

/** A server that takes OTLP; `stop` ends it after the requests under way. */
export interface Receiver {
  port: number;
  stop(): Promise<void>;
}

const paths = new Map<string, Signal>(SIGNALS.map((signal) => [`/v1/${signal}`, signal]));
const PROTOBUF = 'application/x-protobuf';
const JSON_TYPE = 'application/json';
/** A body that was refused is read on and thrown away, so that its sender gets to the answer; beyond this much it is cut off. */
const MAX_DISCARDED_BYTES = 64 * 1024 * 1024;

/** OTLP/HTTP: POST /v1/traces, /v1/metrics and /v1/logs in protobuf or JSON; GET /healthz. */
export async function startHttpReceiver(options: HttpReceiverOptions): Promise<Receiver> {
  const cors = new Cors(options.corsOrigins);
  const onRequest = (request: IncomingMessage, response: ServerResponse) => {
    void respond(request, response, cors, options);
  };
  const server = createServer(
    {
      headersTimeout: Math.min(10_000, options.requestTimeoutMs),
      requestTimeout: options.requestTimeoutMs,
      keepAliveTimeout: 30_000,
      connectionsCheckingInterval: Math.min(5_000, options.requestTimeoutMs),
    },
    onRequest,
  );
  // A client that asks first is not invited to send what will be refused.
  server.on('checkContinue', (request: IncomingMessage, response: ServerResponse) => {
    if (Number(request.headers['content-length'] ?? 0) <= options.maxRequestBytes) response.writeContinue();
    onRequest(request, response);
  });
  const port = await listen(server, 'OTLP/HTTP', options.host, options.port);
  return { port, stop: () => closeServer(server, 5_000) };
}

async function respond(
  request: IncomingMessage,
  response: ServerResponse,
  cors: Cors,
  options: HttpReceiverOptions,
) {
  cors.apply(request, response);
  const path = (request.url ?? '/').split('?', 1)[0] ?? '/';
  const signal = paths.get(path);
  try {
    if (path === '/healthz' && (request.method === 'GET' || request.method === 'HEAD')) {
      send(response, 200, JSON_TYPE, '{"status":"ok"}');
      return;
    }
    if (!signal) {
      throw new Refusal(
        'not_found',
        `Nothing is at ${path.slice(0, 100)}. OTLP goes to ${[...paths.keys()].join(', ')}.`,
      );
    }
    if (request.method === 'OPTIONS') {
      cors.preflight(request, response);
      return;
    }
    await receive(request, response, signal, options);
    count(options.counters, signal, 200);
  } catch (error) {
    const refusal = error instanceof Refusal ? error : unexpected(error);
    count(options.counters, signal ?? 'none', refusal.http);
    refuse(request, response, refusal);
  }
}

async function receive(
  request: IncomingMessage,
  response: ServerResponse,
  signal: Signal,
  { accept, admission, counters, maxRequestBytes }: HttpReceiverOptions,
) {
  if (request.method !== 'POST') {
    response.setHeader('Allow', 'POST, OPTIONS');
    throw new Refusal(
      'method_not_allowed',
      `${request.url ?? ''} takes POST, not ${request.method ?? 'nothing'}.`,
    );
  }
  const type = contentType(request);
  if (type !== PROTOBUF && type !== JSON_TYPE) {
    throw new Refusal(
      'unsupported_media_type',
      `Content-Type ${type === '' ? 'is missing' : `is ${type.slice(0, 100)}`}; send ${PROTOBUF} or ${JSON_TYPE}.`,
    );
  }
  const ticket = admission.enter();
  try {
    const body = await readBody(request, ticket, maxRequestBytes);
    counters.add('received_bytes_total', { protocol: 'http', signal }, body.length);
    const bytes = type === PROTOBUF ? body : fromJson(body, signal);
    const outcome = await accept({ signal, bytes });
    if (type === PROTOBUF) send(response, 200, type, exportResponse(outcome));
    else send(response, 200, type, exportResponseJson(signal, outcome));
  } finally {
    ticket.leave();
  }
}

function fromJson(body: Uint8Array, signal: Signal): Uint8Array {
  try {
    return jsonToProtobuf(body, requestTypes[signal]);
  } catch (error) {
    if (error instanceof JsonError)
      throw new Refusal('bad_request', `Bad OTLP JSON: ${error.message}`, { cause: error });
    throw error;
  }
}

/** Answers in the encoding of the request, JSON when that is neither of ours. */
function refuse(request: IncomingMessage, response: ServerResponse, refusal: Refusal): void {
  if (response.headersSent || response.destroyed) return;
  if (refusal.retryAfter !== undefined) response.setHeader('Retry-After', refusal.retryAfter);
  if (contentType(request) === PROTOBUF) send(response, refusal.http, PROTOBUF, rpcStatus(refusal));
  else send(response, refusal.http, JSON_TYPE, rpcStatusJson(refusal));
  discardRest(request);
}

// Closing with unread bytes makes TCP reset the connection, and the client sees that instead of the answer.
function discardRest(request: IncomingMessage): void {
  if (request.complete) return;
  let discarded = 0;
  request.on('data', (chunk: Buffer) => {
    discarded += chunk.length;
    if (discarded > MAX_DISCARDED_BYTES) request.destroy();
  });
  request.on('error', () => undefined);
  request.resume();
}

function send(response: ServerResponse, status: number, type: string, body: Uint8Array | string): void {
  response.writeHead(status, { 'Content-Type': type, 'Content-Length': Buffer.byteLength(body) }).end(body);
}

const contentType = (request: IncomingMessage): string =>
  (request.headers['content-type'] ?? '').split(';', 1)[0]?.trim().toLowerCase() ?? '';

function count(counters: Counters, signal: Signal | 'none', status: number): void {
  counters.add('requests_total', { protocol: 'http', signal, status });
}

function unexpected(cause: unknown): Refusal {
  const reason = cause instanceof Error ? cause.message : String(cause);
  return new Refusal('internal', `The bridge failed on this request: ${reason}`, { cause });
}
