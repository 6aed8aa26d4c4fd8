import { wireFields } from '../encode/wire.js';
import { MAX_RETRY_AFTER_MS, type Answer } from './transport.js';

/** What an ExportTraceServiceResponse (or of logs, of metrics: the same fields) says of partial success. */
export function acceptedProtobuf(body: Uint8Array): Answer {
  let rejected = 0;
  let message = '';
  try {
    for (const response of wireFields(body)) {
      if (response.number !== 1) continue;
      for (const field of wireFields(response.bytes)) {
        if (field.number === 1) rejected = field.varint;
        if (field.number === 2) message = textOf(field.bytes);
      }
    }
  } catch {
    // It said 200 or OK: what the body adds cannot be read, and takes nothing from that.
  }
  return { outcome: 'accepted', rejected, message };
}

/** The same as JSON: `{ "partialSuccess": { "rejectedSpans": "2", "errorMessage": "…" } }`. */
export function acceptedJson(body: Uint8Array): Answer {
  let rejected = 0;
  let message = '';
  try {
    const { partialSuccess } = JSON.parse(textOf(body)) as { partialSuccess?: Record<string, unknown> };
    for (const [key, value] of Object.entries(partialSuccess ?? {})) {
      if (key.startsWith('rejected')) rejected = Number(value);
      if (key === 'errorMessage') message = String(value);
    }
  } catch {
    // As above.
  }
  return { outcome: 'accepted', rejected: Number.isSafeInteger(rejected) ? rejected : 0, message };
}

/**
 * Milliseconds of the google.rpc.RetryInfo among the details of a google.rpc.Status (`grpc-status-details-bin`), bounded;
 * undefined when there is none.
 */
export function retryInfoMs(status: Uint8Array): number | undefined {
  try {
    for (const detail of wireFields(status)) {
      if (detail.number !== 3) continue;
      const any = new Map([...wireFields(detail.bytes)].map(({ number, bytes }) => [number, bytes]));
      if (!textOf(any.get(1) ?? new Uint8Array()).endsWith('/google.rpc.RetryInfo')) continue;
      let milliseconds = 0;
      for (const delay of wireFields(any.get(2) ?? new Uint8Array())) {
        if (delay.number !== 1) continue;
        for (const { number, varint } of wireFields(delay.bytes)) {
          if (number === 1) milliseconds += varint * 1_000;
          if (number === 2) milliseconds += varint / 1e6;
        }
      }
      return Math.min(milliseconds, MAX_RETRY_AFTER_MS);
    }
  } catch {
    // No protobuf: then it says nothing.
  }
  return undefined;
}

/** `Retry-After`, in seconds or as a date (RFC 9110, 10.2.3), bounded. */
export function retryAfterMs(header: string | undefined, now = Date.now()): number | undefined {
  if (header === undefined) return undefined;
  const milliseconds = /^\d+$/.test(header.trim()) ? Number(header) * 1_000 : Date.parse(header) - now;
  if (Number.isNaN(milliseconds)) return undefined;
  return Math.min(Math.max(milliseconds, 0), MAX_RETRY_AFTER_MS);
}

function textOf(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString('utf8');
}
