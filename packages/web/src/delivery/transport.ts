import type { Batch, SignalName } from './batch.js';

/** Browsers grant 64 KiB of bodies in flight that outlive the page, to all of a page's requests together. */
const KEEPALIVE_BYTES = 60_000;
/** An answer is waited for this long; the rest of its body no longer than another second. */
const TIMEOUT_MS = 10_000;
const BODY_MS = 1_000;
/** As the OTLP specification has it: what may be tried again. */
const RETRYABLE = [429, 502, 503, 504];
const PROTOBUF = 'application/x-protobuf';
const PATHS = { spans: 'traces', logs: 'logs', metrics: 'metrics' } as const;

/** Where a signal is sent. */
export const exportUrl = (endpoint: string, signal: SignalName): string => `${endpoint}/v1/${PATHS[signal]}`;

/** What came of one attempt. */
export type Outcome =
  /** Arrived; `rejected` items were not taken (partial success). */
  | { kind: 'sent'; rejected: number }
  /** Not now. */
  | { kind: 'later'; askedMs: number }
  /** No answer that could be read: offline, away, hanging, or forbidden by CORS. */
  | { kind: 'unreachable' }
  /** Never. */
  | { kind: 'refused'; status: number };

/** One OTLP/HTTP receiver, and the keepalive budget that all signals share. */
export class Transport {
  readonly #endpoint: string;
  readonly #fetch = globalThis.fetch.bind(globalThis);
  #inFlight = 0;
  /** The page is left: nothing is learnt of a request any more, and it goes on all the same. */
  isLeft = false;

  constructor(endpoint: string) {
    this.#endpoint = endpoint;
  }

  /** Would a request with a body of this size outlive the page? */
  outlives(size: number): boolean {
    return requestsOutlive() && this.#inFlight + size <= KEEPALIVE_BYTES;
  }

  /** Makes one attempt. The request is on its way when this returns; never rejects. */
  async send({ signal, bytes: body, gzipped }: Batch): Promise<Outcome> {
    const keepalive = this.outlives(body.length);
    const abort = new AbortController();
    const giveUp = () => {
      abort.abort();
    };
    let timer = setTimeout(giveUp, TIMEOUT_MS);
    if (keepalive) this.#inFlight += body.length;
    try {
      const response = await this.#fetch(exportUrl(this.#endpoint, signal), {
        method: 'POST',
        body,
        keepalive,
        signal: abort.signal,
        headers: {
          'content-type': PROTOBUF,
          ...(gzipped && { 'content-encoding': 'gzip' }),
        },
      });
      clearTimeout(timer);
      timer = setTimeout(giveUp, BODY_MS);
      // Read or cancelled, whatever it is: a body that is left alone keeps its part of the budget.
      if (response.ok) {
        // One that does not come in time was an answer all the same.
        const answer = await response.arrayBuffer().catch(() => new ArrayBuffer(0));
        return { kind: 'sent', rejected: rejectedOf(new Uint8Array(answer)) };
      }
      await response.body?.cancel().catch(() => undefined);
      if (!RETRYABLE.includes(response.status)) return { kind: 'refused', status: response.status };
      return { kind: 'later', askedMs: retryAfterMs(response.headers.get('retry-after')) };
    } catch {
      return keepalive && this.isLeft ? { kind: 'sent', rejected: 0 } : { kind: 'unreachable' };
    } finally {
      clearTimeout(timer);
      if (keepalive) this.#inFlight -= body.length;
    }
  }

  /** For browsers whose requests do not outlive the page. What comes of it nobody learns; false when it was not taken. */
  beacon({ signal, bytes }: Batch): boolean {
    if (requestsOutlive() || typeof navigator.sendBeacon !== 'function') return false;
    return navigator.sendBeacon(exportUrl(this.#endpoint, signal), new Blob([bytes], { type: PROTOBUF }));
  }
}

const requestsOutlive = (): boolean => typeof Request !== 'undefined' && 'keepalive' in Request.prototype;

/** Seconds or a date, as HTTP has it. */
function retryAfterMs(header: string | null): number {
  if (header === null) return 0;
  const ms = /^\d+$/.test(header) ? Number(header) * 1e3 : Date.parse(header) - Date.now();
  return ms > 0 ? ms : 0;
}

/** Items that the receiver did not take: `partial_success` (1) of any of the three answers, in it `rejected_…` (1), an int64. */
function rejectedOf(bytes: Uint8Array): number {
  if (bytes[0] !== 0x0a || bytes[2] !== 0x08) return 0;
  let rejected = 0;
  let scale = 1;
  for (let at = 3; at < 12; at++, scale *= 128) {
    const byte = bytes[at] ?? 0;
    rejected += (byte & 127) * scale;
    if (byte < 128) break;
  }
  return rejected;
}
