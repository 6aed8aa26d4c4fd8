import { type Span } from '@opentelemetry/api';
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Instrumentation } from '@opentelemetry/instrumentation';
import { setAtHead } from './response-head.js';
import { hasFailed } from './span-facts.js';
import { asksToKeep, keepResponse, TRACERESPONSE } from './traceresponse.js';

/** What is known of the segments of this process before they are decided. */
export interface Keeps {
  /** Will this process keep its segment of the trace, whatever its rate: for an error seen here or in another tier? */
  has(traceId: string): boolean;
  /** Another tier keeps the trace for an error. */
  keep(traceId: string): void;
}

type ResponseHook = (span: Span, response: unknown) => void;

/**
 * Lets the HTTP servers of this process say with `traceresponse` that they keep a trace for an error, and its HTTP clients (http,
 * fetch, undici) do what such a response asks. A hook of the user's own goes on. A response that has begun can say nothing
 * any more: the header tells what was known when it left.
 */
export function addKeepHooks(instrumentations: readonly Instrumentation[], keeps: Keeps): void {
  for (const instrumentation of instrumentations) {
    const hook = HOOKS[instrumentation.instrumentationName];
    if (hook === undefined) continue;
    const config = instrumentation.getConfig() as { responseHook?: ResponseHook };
    const own = config.responseHook;
    const responseHook: ResponseHook = (span, response) => {
      hook(keeps, span, response);
      own?.(span, response);
    };
    instrumentation.setConfig({ ...config, responseHook } as object);
  }
}

const HOOKS: Readonly<Record<string, (keeps: Keeps, span: Span, response: unknown) => void>> = {
  '@opentelemetry/instrumentation-http': (keeps, span, response) => {
    if ('writeHead' in (response as object)) announce(keeps, span, response as ServerResponse);
    else heed(keeps, span, (response as IncomingMessage).headers[TRACERESPONSE]);
  },
  '@opentelemetry/instrumentation-undici': (keeps, span, info) => {
    heed(keeps, span, rawHeader((info as UndiciResponse).response.headers));
  },
};

function announce(keeps: Keeps, span: Span, response: ServerResponse): void {
  const context = span.spanContext();
  setAtHead(response, TRACERESPONSE, (status) =>
    status >= 500 || hasFailed(span, status) || keeps.has(context.traceId)
      ? keepResponse(context)
      : undefined,
  );
}

function heed(keeps: Keeps, span: Span, header: unknown): void {
  if (header === undefined) return;
  const { traceId } = span.spanContext();
  if (asksToKeep(header, traceId)) keeps.keep(traceId);
}

interface UndiciResponse {
  /** Names and values in turn. */
  response: { headers: readonly (Buffer | string)[] };
}

function rawHeader(headers: readonly (Buffer | string)[]): string | undefined {
  for (let index = 0; index + 1 < headers.length; index += 2) {
    const name = headers[index];
    if (name?.length === TRACERESPONSE.length && name.toString().toLowerCase() === TRACERESPONSE) {
      return headers[index + 1]?.toString();
    }
  }
  return undefined;
}
