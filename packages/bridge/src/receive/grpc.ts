import {
  Metadata,
  Server,
  ServerCredentials,
  status,
  type sendUnaryData,
  type ServerUnaryCall,
  type ServiceDefinition,
} from '@grpc/grpc-js';
import type { Batch } from '../batch.js';
import type { Counters } from '../counters.js';
import { exportResponse, rpcStatus } from '../otlp/answers.js';
import type { Outcome, Signal } from '@unhinged/events/otlp';
import type { Admission } from './admission.js';
import type { Receiver } from './http.js';
import { listenError } from './listen.js';
import { Refusal } from '../refusal.js';

export interface GrpcReceiverOptions {
  host: string;
  port: number;
  /** Bytes of one message, before and after decompression. */
  maxRequestBytes: number;
  /** Stores a batch; rejects with a {@link Refusal} when nothing of it was stored. */
  accept: (batch: Batch) => Promise<Outcome>;
  admission: Admission;
  counters: Counters;
}

const services: Readonly<Record<Signal, string>> = {
  traces: 'opentelemetry.proto.collector.trace.v1.TraceService',
  metrics: 'opentelemetry.proto.collector.metrics.v1.MetricsService',
  logs: 'opentelemetry.proto.collector.logs.v1.LogsService',
};
/** HealthCheckResponse { status: SERVING }. */
const SERVING = Buffer.from([0x08, 0x01]);
/** How long calls under way may take when the server stops. */
const STOP_GRACE_MS = 5_000;

type Call = ServerUnaryCall<Buffer, Buffer>;

/** OTLP/gRPC for the three signals, and grpc.health.v1.Health/Check. Messages come as bytes; nothing decodes them here. */
export async function startGrpcReceiver(options: GrpcReceiverOptions): Promise<Receiver> {
  const server = new Server({
    'grpc.max_receive_message_length': options.maxRequestBytes,
    'grpc.max_concurrent_streams': 16,
    'grpc.keepalive_time_ms': 30_000,
  });
  for (const [signal, service] of Object.entries(services) as [Signal, string][]) {
    server.addService(unary(service, 'Export'), {
      Export: (call: Call, callback: sendUnaryData<Buffer>) => {
        void receive(signal, call, callback, options);
      },
    });
  }
  server.addService(unary('grpc.health.v1.Health', 'Check'), {
    Check: (_: Call, callback: sendUnaryData<Buffer>) => {
      callback(null, SERVING);
    },
  });
  const port = await bind(server, options.host, options.port);
  return { port, stop: () => stop(server) };
}

async function receive(
  signal: Signal,
  { request }: Call,
  callback: sendUnaryData<Buffer>,
  { accept, admission, counters }: GrpcReceiverOptions,
) {
  const ticket = admission.enter();
  let code = status.OK;
  try {
    ticket.take(request.length);
    counters.add('received_bytes_total', { protocol: 'grpc', signal }, request.length);
    callback(null, Buffer.from(exportResponse(await accept({ signal, bytes: request }))));
  } catch (error) {
    const refusal =
      error instanceof Refusal
        ? error
        : new Refusal('internal', `The bridge failed on this request: ${String(error)}`, { cause: error });
    code = refusal.grpc;
    const metadata = new Metadata();
    // Clients retry RESOURCE_EXHAUSTED only when a RetryInfo says when (OTLP specification, "OTLP/gRPC Throttling").
    metadata.set('grpc-status-details-bin', Buffer.from(rpcStatus(refusal)));
    callback({ code, details: refusal.message, metadata });
  } finally {
    ticket.leave();
    counters.add('requests_total', { protocol: 'grpc', signal, status: code });
  }
}

const same = (bytes: Buffer) => bytes;

function unary(service: string, method: string): ServiceDefinition {
  return {
    [method]: {
      path: `/${service}/${method}`,
      requestStream: false,
      responseStream: false,
      requestSerialize: same,
      requestDeserialize: same,
      responseSerialize: same,
      responseDeserialize: same,
    },
  };
}

function bind(server: Server, host: string, port: number): Promise<number> {
  const address = host.includes(':') ? `[${host}]:${port}` : `${host}:${port}`;
  return new Promise((resolve, reject) => {
    server.bindAsync(address, ServerCredentials.createInsecure(), (error, bound) => {
      if (error) reject(listenError('OTLP/gRPC', host, port, error));
      else resolve(bound);
    });
  });
}

function stop(server: Server): Promise<void> {
  return new Promise((resolve) => {
    const cut = setTimeout(() => {
      server.forceShutdown();
      resolve();
    }, STOP_GRACE_MS);
    server.tryShutdown(() => {
      clearTimeout(cut);
      resolve();
    });
  });
}
