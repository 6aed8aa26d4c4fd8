const HEX = Array.from({ length: 256 }, (_, byte) => byte.toString(16).padStart(2, '0'));
/** Asking the system for each id costs more than the id: 32 spans' worth at a time. */
const random = new Uint8Array(32 * 17);
let used = random.length;

function hex(bytes: number): string {
  if (used + bytes > random.length) {
    crypto.getRandomValues(random);
    used = 0;
  }
  let text = '';
  for (const end = used + bytes; used < end; used++) text += HEX[random[used] ?? 0] ?? '';
  return text;
}

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
  generateTraceId: () => hex(9) + sessionId().slice(-14),
  generateSpanId: () => hex(8),
});
