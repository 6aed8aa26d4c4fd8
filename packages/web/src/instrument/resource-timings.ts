import type { Attributes } from '@opentelemetry/api';
import type { HttpCall } from './http-call.js';
import type { Page, Stop } from './instrument.js';

/**
 * A span waits about this long for its timing; the entry comes when the body has been read, as a rule a few milliseconds later. What came
 * by then is added in one go, for a fraction of what each costs in the middle of the page's own work.
 */
const MAX_WAIT_MS = 250;
/** More than this many waiting at once leave without a timing. */
const MAX_WAITING = 100;
/** What the browser told so many times is looked at without waiting longer. */
const MAX_LISTS = 64;

export type Initiator = 'fetch' | 'xmlhttprequest';

/** Records requests that are over with what the browser measured of them, or without, when that does not come in time. */
export interface ResourceTimings {
  /** Records the call now or up to 250 ms later. */
  end(call: HttpCall): void;
  stop: Stop;
}

const started = new WeakMap<Page, ResourceTimings>();

/** Those of the page, from its first request on: fetch and XHR share them, as an observer has a price for each resource of the page. */
export function resourceTimings(page: Page): ResourceTimings {
  let timings = started.get(page);
  if (!timings) started.set(page, (timings = start(page)));
  return timings;
}

export function stopTimings(page: Page): void {
  started.get(page)?.stop();
  started.delete(page);
}

function start(page: Page): ResourceTimings {
  const waiting = new Map<string, HttpCall[]>();
  let count = 0;
  let lists: PerformanceObserverEntryList[] = [];
  let timer: ReturnType<typeof setTimeout> | undefined;
  const finish = (url: string, calls: HttpCall[], at: number, timing?: PerformanceResourceTiming) => {
    const [call] = calls.splice(at, 1);
    if (calls.length === 0) waiting.delete(url);
    count--;
    call?.record(timing);
  };
  const match = (entry: PerformanceResourceTiming) => {
    const { name, initiatorType, startTime } = entry;
    const calls = waiting.get(name);
    if (!calls) return;
    // An entry carries no id: of the requests to its URL it belongs to the last that began before it.
    let best = -1;
    let began = 0;
    for (const [at, call] of calls.entries()) {
      if (call.initiator !== initiatorType || call.began > startTime + 1 || call.began < began) continue;
      best = at;
      began = call.began;
    }
    if (best >= 0) finish(name, calls, best, entry);
  };
  const matchAll = () => {
    const told = lists;
    lists = [];
    for (const list of told) for (const entry of list.getEntries()) match(entry as PerformanceResourceTiming);
  };
  /** Those that have waited since then leave as they are. */
  const finishUntil = (until: number) => {
    matchAll();
    for (const [url, calls] of waiting) {
      // From the end, as those that are finished leave the list.
      for (let at = calls.length - 1; at >= 0; at--) {
        if ((calls[at]?.ended ?? 0) <= until) finish(url, calls, at);
      }
    }
  };
  const finishAll = () => {
    finishUntil(Infinity);
  };
  const sweep = () => {
    finishUntil(performance.now() - MAX_WAIT_MS);
    timer = count > 0 ? setTimeout(sweep, MAX_WAIT_MS) : undefined;
  };
  let observer: PerformanceObserver | undefined;
  try {
    observer = new PerformanceObserver((list) => {
      if (count > 0 && lists.push(list) >= MAX_LISTS) matchAll();
    });
    observer.observe({ type: 'resource' });
  } catch {
    // A browser without: spans end without a timing.
    observer = undefined;
  }
  const unlisten = page.beforeFlush(finishAll);
  return {
    end(call) {
      if (count >= MAX_WAITING) matchAll();
      if (!observer || count >= MAX_WAITING) {
        call.record();
        return;
      }
      const same = waiting.get(call.url);
      if (same) same.push(call);
      else waiting.set(call.url, [call]);
      count++;
      timer ??= setTimeout(sweep, MAX_WAIT_MS);
    },
    stop() {
      unlisten();
      observer?.disconnect();
      clearTimeout(timer);
      finishAll();
    },
  };
}

/** Adds phases in milliseconds and the bytes of the body; the browser says 0 for what it may not tell (Timing-Allow-Origin). */
export function addTiming(attributes: Attributes, entry: PerformanceResourceTiming): Attributes {
  const { requestStart, responseStart, encodedBodySize } = entry;
  const dns = entry.domainLookupEnd - entry.domainLookupStart;
  const connect = entry.connectEnd - entry.connectStart;
  const wait = requestStart && responseStart - requestStart;
  const receive = responseStart && entry.responseEnd - responseStart;
  if (dns > 0) attributes['unhinged.timing.dns'] = tenths(dns);
  if (connect > 0) attributes['unhinged.timing.connect'] = tenths(connect);
  if (wait > 0) attributes['unhinged.timing.wait'] = tenths(wait);
  if (receive > 0) attributes['unhinged.timing.receive'] = tenths(receive);
  if (encodedBodySize > 0) attributes['http.response.body.size'] = encodedBodySize;
  return attributes;
}

const tenths = (ms: number): number => Math.round(ms * 10) / 10;
