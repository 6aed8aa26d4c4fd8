import { Span_SpanKind, Status_StatusCode, type Span } from '@unhinged/observability-proto/otlp';
import type { TraceEvent } from '@unhinged/observability-proto';
import { UNKNOWN_SERVICE } from '@unhinged/observability-core';

/** One request that a service has answered. */
export interface Request {
  service: string;
  /** Name of the span. */
  operation: string;
  /** End of the span in Unix milliseconds: a request counts when it is done. */
  endMs: number;
  durationMs: number;
  /** The status of the span is ERROR; OpenTelemetry's instrumentations set it for HTTP 5xx answers. */
  isError: boolean;
  /** How many requests it stands for, above 0: the adjusted count of its sampling, 1 where that is not known. */
  weight: number;
}

/** Longer names are cut: their number is bounded elsewhere, their length here. */
const MAX_NAME = 256;

/**
 * The request that a span stands for: SERVER and CONSUMER spans, and spans without a parent (a page load, a job). Every other
 * span is part of a request. `no_end` when the span has no end time; `counted_by_others` when it was kept after it had been left out:
 * its like that passed the rate have been counted for it.
 */
export function requestOf(event: TraceEvent): Request | 'not_a_request' | 'no_end' | 'counted_by_others' {
  const { span } = event;
  if (!span || !isRequest(span)) return 'not_a_request';
  if (span.endTimeUnixNano <= 0n) return 'no_end';
  const weight = weightOf(event.sampling?.adjustedCount);
  if (weight === 0) return 'counted_by_others';
  const nanos = span.endTimeUnixNano - span.startTimeUnixNano;
  const service = event.resource?.serviceName ?? '';
  return {
    service: service === '' ? UNKNOWN_SERVICE : service.slice(0, MAX_NAME),
    operation: span.name.slice(0, MAX_NAME),
    endMs: Number(span.endTimeUnixNano / 1_000_000n),
    durationMs: Math.max(Number(nanos) / 1e6, 0),
    isError: span.status?.code === Status_StatusCode.ERROR,
    weight,
  };
}

/** What no sampler can mean counts as not known. */
const weightOf = (count: number | undefined): number =>
  count !== undefined && count >= 0 && count < Infinity ? count : 1;

const isRequest = (span: Span): boolean =>
  span.kind === Span_SpanKind.SERVER ||
  span.kind === Span_SpanKind.CONSUMER ||
  span.parentSpanId.length === 0;
