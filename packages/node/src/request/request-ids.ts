import { AsyncLocalStorage } from 'node:async_hooks';
import { defaultTextMapGetter, propagation, ROOT_CONTEXT, trace, type Attributes } from '@opentelemetry/api';
import { W3CBaggagePropagator } from '@opentelemetry/core';
import { ID_ATTRIBUTES, uuidv7 } from '@unhinged/observability-core';

/** Ids of the request that is being handled. They are in every log line written meanwhile and on the request's span. */
export interface RequestIds {
  /** What belongs together across requests and tiers: taken over from the caller, else the id of this request. */
  correlationId: string;
  /** This one request. */
  requestId: string;
  sessionId?: string | undefined;
  userId?: string | undefined;
}

/** Which ids go on to the tiers that are called meanwhile, as W3C baggage. */
export type ForwardedId = 'correlationId' | 'sessionId' | 'userId';

export interface RequestIdOptions<Request> {
  /** Header with the correlation id, read and echoed. Default `x-correlation-id`. */
  correlationHeader?: string;
  /** Header with the request id, read and echoed. Default `x-request-id`. */
  requestHeader?: string;
  /** Finds the session, say in a cookie that was verified. Default: `session.id` of the caller's baggage. */
  sessionId?: (request: Request) => string | undefined;
  /** Finds the user. Default: nobody; a header or baggage that anybody can write is no proof of who it is. See {@link identify}. */
  userId?: (request: Request) => string | undefined;
  /**
   * Ids that calls made meanwhile carry on in `baggage`, to whomever they go. Default correlation and session id, which say nothing
   * by themselves; a user's id may.
   */
  forward?: readonly ForwardedId[];
  /**
   * Take `user.id` from the caller's baggage: for a tier that only your own services can reach. Default false.
   */
  trustCaller?: boolean;
}

interface Current extends RequestIds {
  readonly forward: readonly ForwardedId[];
}
import { warnOnce } from '../warn.js';

const baggagePropagator = new W3CBaggagePropagator();

type Headers = Readonly<Record<string, string | readonly string[] | undefined>>;

// Not in OpenTelemetry's context, so that lines have their ids also where no SDK runs.
const current = new AsyncLocalStorage<Current>();

/** The ids of the request being handled, undefined outside of any. */
export function activeRequestIds(): RequestIds | undefined {
  const store = current.getStore();
  if (store === undefined) return undefined;
  const { correlationId, requestId, sessionId, userId } = store;
  return { correlationId, requestId, sessionId, userId };
}

/**
 * Says who is behind the request being handled, once that is known: after a log-in, in a middleware that authenticates. Later log
 * lines and the active span have it. An id that is no id (see {@link cleanId}) is left out. Does nothing outside of a request.
 */
export function identify(who: { userId?: string | undefined; sessionId?: string | undefined }): void {
  const store = current.getStore();
  if (store === undefined) return;
  const userId = cleanId(who.userId);
  const sessionId = cleanId(who.sessionId);
  if (userId !== undefined) store.userId = userId;
  if (sessionId !== undefined) store.sessionId = sessionId;
  trace.getActiveSpan()?.setAttributes(idAttributes({ userId, sessionId }));
}

/** Runs `work`, and whatever it starts, as part of a request. */
export function withRequestIds<T>(ids: RequestIds, forward: readonly ForwardedId[], work: () => T): T {
  return current.run({ ...ids, forward }, work);
}

/** Entries that calls made now carry on in baggage. */
export function forwardedEntries(): [key: string, value: string][] {
  const store = current.getStore();
  if (store === undefined) return [];
  return store.forward.flatMap((id) => {
    const value = store[id];
    return value === undefined ? [] : [[ID_ATTRIBUTES[id], value] as [string, string]];
  });
}

export const DEFAULT_FORWARD: readonly ForwardedId[] = ['correlationId', 'sessionId'];

/** The ids of an incoming request: the caller's where they are sound, fresh ones where they are not. */
export function readRequestIds<Request>(
  headers: Headers,
  request: Request,
  options: RequestIdOptions<Request>,
): RequestIds {
  const baggage = baggageOf(headers);
  const requestId = cleanId(headers[options.requestHeader ?? REQUEST_HEADER]) ?? uuidv7();
  const correlationId =
    cleanId(headers[options.correlationHeader ?? CORRELATION_HEADER]) ??
    cleanId(baggage?.getEntry(ID_ATTRIBUTES.correlationId)?.value) ??
    requestId;
  const sessionId =
    cleanId(extract('sessionId', options.sessionId, request)) ??
    cleanId(baggage?.getEntry(ID_ATTRIBUTES.sessionId)?.value);
  const userId =
    cleanId(extract('userId', options.userId, request)) ??
    (options.trustCaller === true ? cleanId(baggage?.getEntry(ID_ATTRIBUTES.userId)?.value) : undefined);
  return { correlationId, requestId, sessionId, userId };
}

function extract<Request>(
  name: string,
  extractor: ((request: Request) => string | undefined) | undefined,
  request: Request,
): string | undefined {
  try {
    return extractor?.(request);
  } catch (error) {
    warnOnce(`request context: option '${name}' threw ${String(error)}; the request goes on without that id`);
    return undefined;
  }
}

export const CORRELATION_HEADER = 'x-correlation-id';
export const REQUEST_HEADER = 'x-request-id';

/**
 * The value if it can be an id: 1 to 128 letters, digits and `. _ ~ : @ / + = -`, which covers UUIDs, base64, e-mail addresses and AWS's
 * trace header parts, and nothing that could forge a log line, a header or a script. Else undefined.
 */
export function cleanId(value: unknown): string | undefined {
  return typeof value === 'string' && /^[\w.~:@/+=-]{1,128}$/.test(value) ? value : undefined;
}

/** As attributes of a span. */
export function idAttributes(ids: Partial<RequestIds>): Attributes {
  const attributes: Attributes = {};
  for (const key of ['correlationId', 'requestId', 'sessionId', 'userId'] as const) {
    const value = ids[key];
    if (value !== undefined) attributes[ID_ATTRIBUTES[key]] = value;
  }
  return attributes;
}

/** Beyond this the header is nobody's baggage (W3C Baggage, limits). */
const MAX_BAGGAGE = 8_192;

function baggageOf(headers: Headers) {
  const header = headers['baggage'];
  if (typeof header !== 'string' || header.length > MAX_BAGGAGE) return undefined;
  return propagation.getBaggage(
    baggagePropagator.extract(ROOT_CONTEXT, { baggage: header }, defaultTextMapGetter),
  );
}
