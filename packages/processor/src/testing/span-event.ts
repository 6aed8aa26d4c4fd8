import { TraceEvent } from '@unhinged/observability-proto';

/** 2026-03-04T05:06:00Z */
export const T0 = 1_772_600_760_000;

/** A server span that ended at `T0 + endMs`. */
export function serverSpan(
  endMs: number,
  of: {
    service?: string;
    name?: string;
    durationMs?: number;
    error?: boolean;
    kind?: 1 | 2 | 3 | 4 | 5;
    root?: boolean;
    /** Adjusted count of the sampling; none: nothing was sampled. */
    standsFor?: number;
  } = {},
): TraceEvent {
  const end = BigInt(T0 + endMs) * 1_000_000n;
  const { service = 'chat', name = 'GET /', durationMs = 5, error = false, kind = 2, root = false } = of;
  return TraceEvent.fromPartial({
    eventType: 'span',
    resource: { serviceName: service },
    ...(of.standsFor !== undefined && { sampling: { adjustedCount: of.standsFor } }),
    span: {
      name,
      kind,
      traceId: new Uint8Array(16).fill(1),
      spanId: new Uint8Array(8).fill(2),
      parentSpanId: root ? new Uint8Array() : new Uint8Array(8).fill(3),
      startTimeUnixNano: end - BigInt(Math.round(durationMs * 1e6)),
      endTimeUnixNano: end,
      status: { code: error ? 2 : 0 },
    },
  });
}
