import { randomBytes } from 'node:crypto';
import { connect } from 'node:http2';

/** One span of a service `unhinged-doctor`, to be exported and looked for. */
export interface ProbeSpan {
  traceId: string;
  spanId: string;
  nowMs: number;
}

const SERVICE = 'unhinged-doctor';
const NAME = 'round trip';
const TIMEOUT_MS = 5_000;

export function probeSpan(): ProbeSpan {
  return {
    traceId: randomBytes(16).toString('hex'),
    spanId: randomBytes(8).toString('hex'),
    nowMs: Date.now(),
  };
}

/** Exports the span over OTLP/HTTP as JSON. @throws Error with what was answered. */
export async function exportOverHttp(url: string, { traceId, spanId, nowMs }: ProbeSpan): Promise<void> {
  const nano = `${nowMs}000000`;
  const span = { traceId, spanId, name: NAME, kind: 1, startTimeUnixNano: nano, endTimeUnixNano: nano };
  const resource = { attributes: [{ key: 'service.name', value: { stringValue: SERVICE } }] };
  const response = await fetch(`${url}/v1/traces`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ resourceSpans: [{ resource, scopeSpans: [{ spans: [span] }] }] }),
    signal: AbortSignal.timeout(TIMEOUT_MS),
  });
  const text = await response.text();
  if (!response.ok) throw new Error(`HTTP ${response.status}: ${text.slice(0, 200)}`);
}

/** Exports the span over OTLP/gRPC, without a gRPC library: one unary call is one HTTP/2 request. @throws Error */
export function exportOverGrpc(url: string, span: ProbeSpan): Promise<void> {
  return new Promise((resolve, reject) => {
    const session = connect(url);
    const timer = setTimeout(() => {
      end(new Error(`no answer within ${TIMEOUT_MS / 1_000} s`));
    }, TIMEOUT_MS);
    const end = (error?: Error) => {
      clearTimeout(timer);
      session.destroy();
      if (error) reject(error);
      else resolve();
    };
    session.once('error', end);
    const stream = session.request({
      ':method': 'POST',
      ':path': '/opentelemetry.proto.collector.trace.v1.TraceService/Export',
      'content-type': 'application/grpc',
      te: 'trailers',
    });
    let status = '';
    let message = '';
    const note = (headers: Record<string, unknown>) => {
      if (typeof headers['grpc-status'] === 'string') status = headers['grpc-status'];
      if (typeof headers['grpc-message'] === 'string') message = headers['grpc-message'];
    };
    stream.on('response', note).on('trailers', note).on('error', end).resume();
    stream.on('end', () => {
      end(status === '0' ? undefined : new Error(`gRPC status ${status || 'missing'} ${message}`.trim()));
    });
    const body = exportRequest(span);
    const head = Buffer.alloc(5);
    head.writeUInt32BE(body.length, 1);
    stream.end(Buffer.concat([head, body]));
  });
}

// ExportTraceServiceRequest by hand: this package has no other use for the protobuf types. The numbers are those of
// opentelemetry/proto/trace/v1/trace.proto.
function exportRequest({ traceId, spanId, nowMs }: ProbeSpan): Buffer {
  const text = (field: number, value: string) => bytes(field, Buffer.from(value));
  const nano = BigInt(nowMs) * 1_000_000n;
  const span = Buffer.concat([
    bytes(1, Buffer.from(traceId, 'hex')),
    bytes(2, Buffer.from(spanId, 'hex')),
    text(5, NAME),
    Buffer.from([(6 << 3) | 0, 1]),
    fixed64(7, nano),
    fixed64(8, nano),
  ]);
  const serviceName = Buffer.concat([text(1, 'service.name'), bytes(2, text(1, SERVICE))]);
  const resource = bytes(1, serviceName);
  const resourceSpans = Buffer.concat([bytes(1, resource), bytes(2, bytes(2, span))]);
  return bytes(1, resourceSpans);
}

/** A length-delimited field; nothing here is as long as 128² bytes. */
function bytes(field: number, value: Buffer): Buffer {
  const { length } = value;
  const size = length < 128 ? [length] : [(length & 0x7f) | 0x80, length >> 7];
  return Buffer.concat([Buffer.from([(field << 3) | 2, ...size]), value]);
}

function fixed64(field: number, value: bigint): Buffer {
  const buffer = Buffer.alloc(9);
  buffer[0] = (field << 3) | 1;
  buffer.writeBigUInt64LE(value, 1);
  return buffer;
}
