import { SpanKind, SpanStatusCode, TraceFlags, type Attributes, type SpanStatus } from '@opentelemetry/api';
import { addressOf, type Address } from './address.js';
import type { Page } from './instrument.js';
import { MAX_TEXT } from '../recorder/span.js';
import { addTiming, resourceTimings, type Initiator, type ResourceTimings } from './resource-timings.js';

const METHODS = new Set('GET HEAD POST PUT DELETE CONNECT OPTIONS TRACE PATCH QUERY'.split(' '));

/** Name of a span of any other method. */
const OTHER = 'HTTP';

function nameOf(method: string): string {
  const upper = method.toUpperCase();
  return METHODS.has(upper) ? upper : OTHER;
}

type Begun = NonNullable<ReturnType<Page['begin']>>;

/**
 * A request of the page that has begun. Its span is made when it ends, which can wait until many are done in one go. Named and described
 * as the semantic conventions for HTTP say (https://opentelemetry.io/docs/specs/semconv/http/http-spans/).
 */
export class HttpCall {
  /** When it began, and when its answer came, on the clock of `performance`. */
  readonly began: number;
  ended = 0;
  /** Without fragment, as resource timing names it. */
  readonly url: string;
  readonly initiator: Initiator;
  readonly #page: Page;
  readonly #begun: Begun;
  readonly #method: string;
  readonly #timings: ResourceTimings;
  readonly #server: Address['server'];
  #httpStatus = 0;
  #errorType: string | undefined;
  #status: SpanStatus | undefined;

  constructor(
    page: Page,
    begun: Begun,
    began: number,
    initiator: Initiator,
    method: string,
    { href, server }: Address,
  ) {
    this.began = began;
    this.url = href;
    this.initiator = initiator;
    this.#timings = resourceTimings(page);
    this.#page = page;
    this.#begun = begun;
    this.#method = method;
    this.#server = server;
  }

  /** What its URL may be told of the trace; undefined: nothing. */
  headers(): Record<string, string> | undefined {
    return this.#page.propagatesTo(this.url) ? this.#page.headersOf(this.#begun.context) : undefined;
  }

  /** The answer has come; from 400 on it is an error of the client. Status 0 is one that the page may not read. */
  answered(status: number): void {
    this.#httpStatus = status;
    if (status < 400) return;
    this.#errorType = status.toString();
    this.#status = { code: SpanStatusCode.ERROR };
  }

  /** No answer has come, and there is no timing to wait for. A request that the page itself gave up is marked but is no error. */
  fail(type: string, message: string, givenUp: boolean): void {
    this.ended = performance.now();
    this.#errorType = type;
    if (!givenUp) this.#status = { code: SpanStatusCode.ERROR, message };
    this.record();
  }

  /**
   * Heeds the back end's `traceresponse` (https://www.w3.org/TR/trace-context-2/): it keeps this very trace for an error. The header is
   * only asked for when that is news: a trace that is sampled is kept anyway.
   */
  heed(traceresponse: () => string | null): void {
    const { traceId, traceFlags } = this.#begun.context;
    if (traceFlags & TraceFlags.SAMPLED) return;
    const [, theirs, , flags] = traceresponse()?.split('-') ?? [];
    if (theirs === traceId && (parseInt(flags ?? '', 16) & 1) === 1) this.#page.keepTrace(traceId);
  }

  /** It is over: its span is recorded as soon as its timing is known, 250 ms later at the latest. */
  end(): void {
    this.ended = performance.now();
    this.#timings.end(this);
  }

  /** Records the span, with what the browser measured of the request. */
  record(timing?: PerformanceResourceTiming): void {
    const name = nameOf(this.#method);
    const known = name !== OTHER;
    const attributes: Attributes = {
      'http.request.method': known ? name : '_OTHER',
      'url.full': this.#page.shown(this.url).slice(0, MAX_TEXT),
      'server.address': this.#server.hostname,
      'server.port': this.#server.port,
    };
    if (!known) attributes['http.request.method_original'] = this.#method.slice(0, MAX_TEXT);
    if (this.#httpStatus > 0) attributes['http.response.status_code'] = this.#httpStatus;
    if (this.#errorType !== undefined) attributes['error.type'] = this.#errorType.slice(0, MAX_TEXT);
    if (timing) addTiming(attributes, timing);
    const span = this.#begun.record(attributes);
    if (this.#status) span.setStatus(this.#status);
    span.end(this.ended);
  }
}

/** Undefined when the request is not to be traced. */
export function beginCall(
  page: Page,
  initiator: Initiator,
  method: string,
  target: string,
): HttpCall | undefined {
  const address = addressOf(target);
  if (!address || page.ignores(address.href)) return undefined;
  const began = performance.now();
  const begun = page.begin(nameOf(method), SpanKind.CLIENT, began);
  return begun && new HttpCall(page, begun, began, initiator, method, address);
}
