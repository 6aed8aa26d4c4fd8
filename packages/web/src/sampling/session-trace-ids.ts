import { randomHex } from '../random-hex.js';

/** As OpenTelemetry's `IdGenerator`. */
export interface TraceIds {
  generateTraceId(): string;
  generateSpanId(): string;
}

/**
 * Ids whose traces share the 56 bits that samplers go by (the last 14 hex digits) with their session: other tiers then keep all of a
 * session's traces or none, without a `tracestate` header that foreign servers would have to allow. The first 72 bits are random,
 * which is enough for the traces of one session.
 */
export const sessionTraceIds = (sessionId: () => string): TraceIds => ({
  generateTraceId: () => randomHex(18) + sessionId().slice(-14),
  generateSpanId: () => randomHex(16),
});
