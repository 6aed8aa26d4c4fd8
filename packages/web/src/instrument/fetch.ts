import { beginCall, heedTraceresponse, noteFailure, noteStatus, type HttpCall } from './http-call.js';
import type { Instrument, Page } from './instrument.js';
import { patch } from './patch.js';
import { stopTimings } from './resource-timings.js';

/**
 * A client span for every `fetch` of the page. It ends when the headers of the answer arrive, which is when the page's promise
 * settles: the body stays the page's own, it is neither cloned nor read, and a stream may go on for hours. What the browser
 * measured of the body is added when it is known within 250 ms.
 */
export function traceFetch(): Instrument {
  return (page) => {
    const original = globalThis.fetch as typeof fetch | undefined;
    if (!original) return () => undefined;
    let stopped = false;
    const restore = patch(
      globalThis,
      'fetch',
      function (this: unknown, input: RequestInfo | URL, init?: RequestInit): Promise<Response> {
        const call = stopped ? undefined : attempt(() => begin(page, input, init));
        if (!call) return original.call(this as typeof globalThis, input, init);
        const signal = init?.signal ?? (input instanceof Request ? input.signal : undefined);
        const failed = (error: unknown): never => {
          attempt(() => {
            noteRejection(call, error, signal);
            call.end();
          });
          throw error;
        };
        let answer: Promise<Response>;
        try {
          const changed = call.propagate
            ? attempt(() => withHeaders(page.headersOf(call.span), input, init))
            : undefined;
          const [what, how] = changed ?? [input, init];
          answer = original.call(this as typeof globalThis, what, how);
        } catch (error) {
          return failed(error);
        }
        // Never a handler beside the page's own: a promise with any handler is one whose rejection nobody reports.
        return answer.then((response) => {
          attempt(() => {
            noteStatus(call, response.status);
            heedTraceresponse(page, call, () => response.headers.get('traceresponse'));
            call.timings.end(call, performance.now());
          });
          return response;
        }, failed);
      },
    );
    return () => {
      // Whoever wrapped it after us keeps it; it then only passes on.
      stopped = true;
      stopTimings(page);
      restore();
    };
  };
}

function begin(page: Page, input: RequestInfo | URL, init: RequestInit | undefined): HttpCall | undefined {
  const request = input instanceof Request ? input : undefined;
  return beginCall(
    page,
    'fetch',
    init?.method ?? request?.method ?? 'GET',
    request?.url ?? (input as string | URL).toString(),
  );
}

/** The same request with trace headers, without a change to anything of the caller's; undefined when it has its own. */
function withHeaders(
  own: Record<string, string>,
  input: RequestInfo | URL,
  init: RequestInit | undefined,
): [RequestInfo | URL, RequestInit?] | undefined {
  const given = init?.headers ?? (input instanceof Request ? input.headers : undefined);
  // Where the page gives none, a Headers object would cost as much as the rest of the span.
  let headers: HeadersInit = own;
  if (given) {
    const all = new Headers(given);
    if (all.has('traceparent')) return undefined;
    for (const [key, value] of Object.entries(own)) all.set(key, value);
    headers = all;
  }
  const proto: unknown = init && Object.getPrototypeOf(init);
  if (!init || proto === Object.prototype || proto === null) return [input, { ...init, headers }];
  // A Request, or another object with getters, serves as init: a spread would lose them.
  return [
    input,
    new Proxy(init, {
      get: (target, key) => (key === 'headers' ? headers : (Reflect.get(target, key, target) as unknown)),
    }),
  ];
}

function noteRejection(call: HttpCall, error: unknown, signal: AbortSignal | null | undefined): void {
  const { name, message } = (error ?? {}) as { name?: unknown; message?: unknown };
  // `abort(reason)` rejects with the reason, whatever that is. AbortSignal.timeout() is a failure, not a wish.
  const givenUp = name === 'AbortError' || (signal?.aborted === true && name !== 'TimeoutError');
  const type = typeof name === 'string' ? name : givenUp ? 'AbortError' : 'Error';
  noteFailure(call, type, typeof message === 'string' ? message : String(error), givenUp);
}

/** Telemetry that fails never fails the page. */
function attempt<T>(fn: () => T): T | undefined {
  try {
    return fn();
  } catch {
    return undefined;
  }
}
