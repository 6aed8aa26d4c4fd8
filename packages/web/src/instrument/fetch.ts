import { beginCall, type HttpCall } from './http-call.js';
import type { Instrument, Page, Stop } from './instrument.js';
import { patch } from './patch.js';
import { stopTimings } from './resource-timings.js';

/**
 * A client span for every `fetch` of the page. It ends when the headers of the answer arrive, which is when the page's promise
 * settles: the body stays the page's own, it is neither cloned nor read, and a stream may go on for hours. What the browser
 * measured of the body is added when it is known within 250 ms.
 */
export function traceFetch(): Instrument {
  return start;
}

function start(page: Page): Stop {
  const original = globalThis.fetch as typeof fetch | undefined;
  if (!original) return () => undefined;
  let stopped = false;
  const restore = patch(
    globalThis,
    'fetch',
    function (this: unknown, input: RequestInfo | URL, init?: RequestInit): Promise<Response> {
      const call = stopped ? undefined : begin(page, input, init);
      if (!call) return original.call(this as typeof globalThis, input, init);
      const failed = (error: unknown): never => {
        noteRejection(call, error, input, init);
        throw error;
      };
      let answer: Promise<Response>;
      try {
        answer = original.call(this as typeof globalThis, input, withHeaders(call, input, init));
      } catch (error) {
        return failed(error);
      }
      // Never a handler beside the page's own: a promise with any handler is one whose rejection nobody reports.
      return answer.then((response) => {
        noteResponse(call, response);
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
}

// Telemetry that fails never fails the page: nothing below throws.

function begin(page: Page, input: RequestInfo | URL, init: RequestInit | undefined): HttpCall | undefined {
  try {
    const request = input instanceof Request ? input : undefined;
    const url = request?.url ?? (input as string | URL).toString();
    return beginCall(page, 'fetch', init?.method ?? request?.method ?? 'GET', url);
  } catch {
    return undefined;
  }
}

/** `init` with the trace headers, without a change to anything of the caller's; itself when it is to have none, or has its own. */
function withHeaders(
  call: HttpCall,
  input: RequestInfo | URL,
  init: RequestInit | undefined,
): RequestInit | undefined {
  try {
    const own = call.headers();
    if (!own) return init;
    const given = init?.headers ?? (input instanceof Request ? input.headers : undefined);
    // Where the page gives none, a Headers object would cost as much as the rest of the span.
    let headers: HeadersInit = own;
    if (given) {
      const all = new Headers(given);
      if (all.has('traceparent')) return init;
      for (const [key, value] of Object.entries(own)) all.set(key, value);
      headers = all;
    }
    if (!init) return { headers };
    const proto: unknown = Object.getPrototypeOf(init);
    if (proto === Object.prototype || proto === null) return { ...init, headers };
    // A Request, or another object with getters, serves as init: a spread would lose them.
    return new Proxy(init, {
      get: (target, key) => (key === 'headers' ? headers : (Reflect.get(target, key, target) as unknown)),
    });
  } catch {
    return init;
  }
}

function noteResponse(call: HttpCall, response: Response): void {
  try {
    call.answered(response.status);
    call.heed(() => response.headers.get('traceresponse'));
    call.end();
  } catch {
    // As above.
  }
}

function noteRejection(
  call: HttpCall,
  error: unknown,
  input: RequestInfo | URL,
  init: RequestInit | undefined,
): void {
  try {
    const signal = init?.signal ?? (input instanceof Request ? input.signal : undefined);
    const { name, message } = (error ?? {}) as { name?: unknown; message?: unknown };
    // `abort(reason)` rejects with the reason, whatever that is. AbortSignal.timeout() is a failure, not a wish.
    const givenUp = name === 'AbortError' || (signal?.aborted === true && name !== 'TimeoutError');
    const type = typeof name === 'string' ? name : givenUp ? 'AbortError' : 'Error';
    call.fail(type, typeof message === 'string' ? message : String(error), givenUp);
  } catch {
    // As above.
  }
}
