import { SpanKind, SpanStatusCode, TraceFlags, type Span } from '@opentelemetry/api';
import { addressOf } from './address.js';
import type { Page } from './instrument.js';
import { resourceTimings, type Initiator, type ResourceTimings } from './resource-timings.js';

const METHODS = new Set('GET HEAD POST PUT DELETE CONNECT OPTIONS TRACE PATCH QUERY'.split(' '));

/** A request of the page that has begun; undefined when it is not to be traced. */
export interface HttpCall {
  span: Span;
  initiator: Initiator;
  /** Which end the span. */
  timings: ResourceTimings;
  /** Without fragment, as resource timing names it. */
  url: string;
  /** When it began, on the clock of `performance`. */
  began: number;
  /** Whether its URL may be told the trace. */
  propagate: boolean;
  /** Ends the span, as of a time on that clock. Only here the request is described: that can wait until many are done in one go. */
  end(ended?: number): void;
}

/**
 * Starts the client span of a request, named and described as the semantic conventions for HTTP say
 * (https://opentelemetry.io/docs/specs/semconv/http/http-spans/).
 */
export function beginCall(
  page: Page,
  initiator: Initiator,
  method: string,
  target: string,
): HttpCall | undefined {
  const address = addressOf(target);
  if (!address || page.ignores(address.href)) return undefined;
  const { href, server } = address;
  const upper = method.toUpperCase();
  const known = METHODS.has(upper);
  const span = page.tracer.startSpan(known ? upper : 'HTTP', { kind: SpanKind.CLIENT });
  return {
    span,
    initiator,
    timings: resourceTimings(page),
    url: href,
    began: performance.now(),
    propagate: page.propagatesTo(href),
    end(ended) {
      span.setAttributes({
        'http.request.method': known ? upper : '_OTHER',
        ...(!known && { 'http.request.method_original': method }),
        'url.full': page.shown(href),
        'server.address': server.hostname,
        'server.port': server.port,
      });
      span.end(ended);
    },
  };
}

/** What the answer says: a status from 400 on is an error of the client's span. Status 0 is an answer the page may not read. */
export function noteStatus({ span }: HttpCall, status: number): void {
  if (status === 0) return;
  span.setAttribute('http.response.status_code', status);
  if (status < 400) return;
  span.setAttribute('error.type', status.toString());
  span.setStatus({ code: SpanStatusCode.ERROR });
}

/** No answer. A request that the page itself gave up is marked but is no error. */
export function noteFailure({ span }: HttpCall, type: string, message: string, givenUp: boolean): void {
  span.setAttribute('error.type', type);
  if (!givenUp) span.setStatus({ code: SpanStatusCode.ERROR, message });
}

/**
 * Heeds the back end's `traceresponse` (https://www.w3.org/TR/trace-context-2/): it keeps this very trace for an error. The header is only
 * asked for when that is news: a trace that is sampled is kept anyway.
 */
export function heedTraceresponse(page: Page, { span }: HttpCall, header: () => string | null): void {
  const { traceId, traceFlags } = span.spanContext();
  if (traceFlags & TraceFlags.SAMPLED) return;
  const [, theirs, , flags] = header()?.split('-') ?? [];
  if (theirs === traceId && (parseInt(flags ?? '', 16) & 1) === 1) page.keepTrace(traceId);
}
