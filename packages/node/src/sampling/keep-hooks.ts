import type { Span } from '@opentelemetry/api';
import type { ClientRequest, IncomingMessage, ServerResponse } from 'node:http';
import type { Instrumentation, InstrumentationConfig } from '@opentelemetry/instrumentation';
import { KEEP_NOTICE, noticedTraceIds } from './keep-notices.js';
import { setAtHead } from './response-head.js';
import { hasFailed } from './span-facts.js';
import { asksToKeep, keepResponse, TRACERESPONSE } from './traceresponse.js';

/** What is known of the segments of this process before they are decided. */
export interface Keeps {
  /**
   * Will this process keep its segment of the trace, whatever its rate: for an error seen here or in another tier? `failing`: for one
   * that it is about to get.
   */
  has(traceId: string, failing?: boolean): boolean;
  /** Another tier keeps the trace for an error. */
  keep(traceId: string): void;
  /** What a request that is about to leave should tell of earlier ones: the value of the header {@link KEEP_NOTICE}. */
  noticeFor(call: Span): string | undefined;
}

/**
 * Lets HTTP servers of this process say with `traceresponse` that they keep a trace for an error, HTTP clients (http, fetch, undici)
 * do what such a response asks, and both pass on what became known too late for that. Hooks of the user's own go on. A response
 * that has begun can say nothing any more: the header tells what was known when it left.
 */
export function addKeepHooks(instrumentations: readonly Instrumentation[], keeps: Keeps): void {
  for (const instrumentation of instrumentations) {
    const hooks = HOOKS[instrumentation.instrumentationName];
    if (hooks === undefined) continue;
    const config = instrumentation.getConfig() as Partial<Hooks>;
    const both = (name: keyof Hooks) => (span: Span, message: never) => {
      hooks[name](keeps, span, message);
      config[name]?.(span, message);
    };
    const added = { ...config, requestHook: both('requestHook'), responseHook: both('responseHook') };
    instrumentation.setConfig(added as InstrumentationConfig);
  }
}

type Hook = (span: Span, message: never) => void;
interface Hooks {
  requestHook: Hook;
  responseHook: Hook;
}
type OurHooks = Readonly<Record<keyof Hooks, (keeps: Keeps, span: Span, message: never) => void>>;

const HOOKS: Readonly<Record<string, OurHooks>> = {
  '@opentelemetry/instrumentation-http': {
    requestHook: (keeps, span, message: ClientRequest | IncomingMessage) => {
      if ('setHeader' in message) {
        const notice = message.headersSent ? undefined : keeps.noticeFor(span);
        if (notice !== undefined) message.setHeader(KEEP_NOTICE, notice);
      } else if (KEEP_NOTICE in message.headers) {
        for (const traceId of noticedTraceIds(message.headers[KEEP_NOTICE])) keeps.keep(traceId);
      }
    },
    responseHook: (keeps, span, message: IncomingMessage | ServerResponse) => {
      if ('writeHead' in message) announce(keeps, span, message);
      else heed(keeps, span, message.headers[TRACERESPONSE]);
    },
  },
  '@opentelemetry/instrumentation-undici': {
    requestHook: (keeps, span, request: UndiciRequest) => {
      const notice = request.addHeader === undefined ? undefined : keeps.noticeFor(span);
      if (notice !== undefined) request.addHeader?.(KEEP_NOTICE, notice);
    },
    responseHook: (keeps, span, { response }: UndiciResponse) => {
      heed(keeps, span, rawHeader(response.headers));
    },
  },
};

interface UndiciRequest {
  /** Absent in some releases. */
  addHeader?: (name: string, value: string) => unknown;
}
interface UndiciResponse {
  /** Names and values in turn. */
  response: { headers: readonly (Buffer | string)[] };
}

function announce(keeps: Keeps, span: Span, response: ServerResponse): void {
  const context = span.spanContext();
  setAtHead(response, TRACERESPONSE, (status) =>
    keeps.has(context.traceId, status >= 500 || hasFailed(span, status)) ? keepResponse(context) : undefined,
  );
}

function heed(keeps: Keeps, span: Span, header: unknown): void {
  if (header === undefined) return;
  const { traceId } = span.spanContext();
  if (asksToKeep(header, traceId)) keeps.keep(traceId);
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
