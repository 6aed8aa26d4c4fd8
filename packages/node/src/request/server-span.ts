import { context, propagation, SpanKind, SpanStatusCode, trace, type Span } from '@opentelemetry/api';
import { getRPCMetadata, isTracingSuppressed, RPCType, setRPCMetadata } from '@opentelemetry/core';
import type { IncomingMessage, ServerResponse } from 'node:http';

/** The span of a request and what ends with it. */
export interface ServerSpan {
  readonly span: Span | undefined;
  /** Names the span and its metrics: `/users/:id`. Best before the response ends. */
  setRoute(route: string): void;
  /** Runs with the span active. */
  run<T>(work: () => T): T;
}

/**
 * The server span that the HTTP instrumentation has made for this request; one of our own where it is off, with the
 * attributes of the HTTP semantic conventions that identify a request, ending with the response.
 */
export function serverSpan(request: IncomingMessage, response: ServerResponse): ServerSpan {
  const metadata = getRPCMetadata(context.active());
  if (metadata?.type === RPCType.HTTP) {
    return {
      span: metadata.span,
      setRoute: (route) => {
        metadata.route ??= route;
      },
      run: (work) => work(),
    };
  }
  // An ignored path: the instrumentation runs and wants no span.
  if (isTracingSuppressed(context.active()))
    return { span: undefined, setRoute: () => undefined, run: (work) => work() };
  return ownSpan(request, response);
}

function ownSpan(request: IncomingMessage, response: ServerResponse): ServerSpan {
  const method = request.method ?? '_OTHER';
  const caller = propagation.extract(context.active(), request.headers);
  const [path = '/'] = (request.url ?? '/').split('?', 1);
  const span = trace.getTracer('@unhinged/observability-node').startSpan(
    method,
    {
      kind: SpanKind.SERVER,
      attributes: { 'http.request.method': method, 'url.path': path, 'url.scheme': 'http' },
    },
    caller,
  );
  response.once('close', () => {
    span.setAttribute('http.response.status_code', response.statusCode);
    if (response.statusCode >= 500) span.setStatus({ code: SpanStatusCode.ERROR });
    span.end();
  });
  const active = setRPCMetadata(trace.setSpan(caller, span), { type: RPCType.HTTP, span });
  return {
    span,
    setRoute: (route) => {
      span.setAttribute('http.route', route);
      span.updateName(`${method} ${route}`);
    },
    run: (work) => context.with(active, work),
  };
}
