import { beginCall, type HttpCall } from './http-call.js';
import type { Instrument, Page, Stop } from './instrument.js';
import { patch } from './patch.js';
import { stopTimings } from './resource-timings.js';

interface Opened {
  method: string;
  url: string;
  /** The page has set a traceparent of its own. */
  hasParent: boolean;
}

/** A client span for every XMLHttpRequest of the page, from `send` until it has its answer, body included. */
export function traceXhr(): Instrument {
  return start;
}

function start(page: Page): Stop {
  const proto = (globalThis.XMLHttpRequest as typeof XMLHttpRequest | undefined)?.prototype;
  if (!proto) return () => undefined;
  const opened = new WeakMap<XMLHttpRequest, Opened>();
  // eslint-disable-next-line @typescript-eslint/unbound-method -- called with the request as `this`
  const { open, send, setRequestHeader } = proto;
  let stopped = false;

  const patchedOpen = function (this: XMLHttpRequest, ...args: unknown[]): void {
    opened.set(this, { method: String(args[0]), url: String(args[1]), hasParent: false });
    Reflect.apply(open, this, args);
  };
  const patchedSet = function (this: XMLHttpRequest, name: string, value: string): void {
    const one = opened.get(this);
    if (one && name.toLowerCase() === 'traceparent') one.hasParent = true;
    setRequestHeader.call(this, name, value);
  };
  const patchedSend = function (this: XMLHttpRequest, body?: Document | XMLHttpRequestBodyInit | null): void {
    const one = stopped ? undefined : opened.get(this);
    let call: HttpCall | undefined;
    try {
      call = one && beginCall(page, 'xmlhttprequest', one.method, one.url);
      if (call) follow(this, call);
      if (call && !one?.hasParent) {
        for (const [key, value] of Object.entries(call.headers() ?? {}))
          setRequestHeader.call(this, key, value);
      }
    } catch {
      // The request goes as it would without us.
    }
    try {
      send.call(this, body);
    } catch (error) {
      // A synchronous request that fails throws.
      if (call) fail(call, (error as Error).name);
      throw error;
    }
  };

  const stops = [
    patch(proto, 'open', patchedOpen),
    patch(proto, 'send', patchedSend),
    patch(proto, 'setRequestHeader', patchedSet),
    () => {
      stopTimings(page);
    },
  ];
  return () => {
    stopped = true;
    for (const stop of stops) stop();
  };
}

function fail(call: HttpCall, type: string): void {
  call.fail(type, type, type === 'AbortError');
}

function follow(xhr: XMLHttpRequest, call: HttpCall): void {
  let failure = '';
  const failing = (event: Event) => {
    failure = { abort: 'AbortError', timeout: 'TimeoutError' }[event.type] ?? 'NetworkError';
  };
  for (const type of ['error', 'abort', 'timeout']) xhr.addEventListener(type, failing, { once: true });
  const ended = () => {
    if (failure !== '') {
      fail(call, failure);
      return;
    }
    call.answered(xhr.status);
    // getResponseHeader() of a header that is not exposed is an error on the console; the list is not.
    call.heed(() => /^traceresponse: *(.*)$/im.exec(xhr.getAllResponseHeaders())?.[1]?.trim() ?? null);
    call.end();
  };
  xhr.addEventListener('loadend', ended, { once: true });
}
