import {
  SpanKind,
  SpanStatusCode,
  context,
  propagation,
  trace,
  type Span,
  type TextMapSetter,
} from '@opentelemetry/api';
import { baseAddress } from '../runtime.js';
import type { Page } from './instrument.js';

const METHODS = new Set([
  'GET',
  'HEAD',
  'POST',
  'PUT',
  'DELETE',
  'CONNECT',
  'OPTIONS',
  'TRACE',
  'PATCH',
  'QUERY',
]);

/** A request of the page that has begun; undefined when it is not to be traced. */
export interface HttpCall {
  span: Span;
  /** Without fragment, as resource timing names it. */
  url: string;
  /** When it began, on the clock of `performance`. */
  began: number;
  /** Whether its URL may be told the trace. */
  propagate: boolean;
}

/**
 * Starts the client span of a request, named and described as the semantic conventions for HTTP say
 * (https://opentelemetry.io/docs/specs/semconv/http/http-spans/).
 */
export function beginCall(page: Page, method: string, target: string): HttpCall | undefined {
  const url = new URL(target, baseAddress());
  if (!url.protocol.startsWith('http')) return undefined;
  url.hash = '';
  const { href } = url;
  if (page.ignores(href)) return undefined;
  const upper = method.toUpperCase();
  const known = METHODS.has(upper);
  const attributes = {
    'http.request.method': known ? upper : '_OTHER',
    ...(known ? {} : { 'http.request.method_original': method }),
    'url.full': page.shown(href),
    'server.address': url.hostname,
    'server.port': Number(url.port) || (url.protocol === 'https:' ? 443 : 80),
  };
  const span = page.tracer.startSpan(known ? upper : 'HTTP', { kind: SpanKind.CLIENT, attributes });
  return { span, url: href, began: performance.now(), propagate: page.propagatesTo(href) };
}

/** Writes the trace headers of a call with the page's propagator. */
export function injectHeaders<C>(call: HttpCall, carrier: C, setter: TextMapSetter<C>): void {
  propagation.inject(trace.setSpan(context.active(), call.span), carrier, setter);
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

/** Heeds the back end's `traceresponse` (https://www.w3.org/TR/trace-context-2/): it keeps this very trace for an error. */
export function heedTraceresponse(page: Page, { span }: HttpCall, header: string | null | undefined): void {
  const { traceId } = span.spanContext();
  const [, theirs, , flags] = header?.split('-') ?? [];
  if (theirs === traceId && (parseInt(flags ?? '', 16) & 1) === 1) page.keepTrace(traceId);
}
