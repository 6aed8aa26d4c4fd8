import type { Span } from '@opentelemetry/api';
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

interface Waiting {
  call: HttpCall;
  ended: number;
}

/** Ends the spans of requests with what the browser measured of them, or without, when that does not come in time. */
export interface ResourceTimings {
  /** Ends the span as of `ended` (clock of `performance`), now or up to 250 ms later. */
  end(call: HttpCall, ended: number): void;
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
  const waiting = new Set<Waiting>();
  let lists: PerformanceObserverEntryList[] = [];
  let timer: ReturnType<typeof setTimeout> | undefined;
  const finish = (one: Waiting) => {
    waiting.delete(one);
    one.call.end(one.ended);
  };
  const match = (entry: PerformanceResourceTiming) => {
    const { name, initiatorType, startTime } = entry;
    // An entry carries no id: of the requests to its URL it belongs to the last that began before it.
    let best: Waiting | undefined;
    for (const one of waiting) {
      const { url, began } = one.call;
      const mayBe = one.call.initiator === initiatorType && url === name && began <= startTime + 1;
      if (mayBe && (!best || began > best.call.began)) best = one;
    }
    if (!best) return;
    describeTiming(best.call.span, entry);
    finish(best);
  };
  const matchAll = () => {
    const told = lists;
    lists = [];
    for (const list of told) for (const entry of list.getEntries()) match(entry as PerformanceResourceTiming);
  };
  const finishAll = () => {
    matchAll();
    for (const one of waiting) finish(one);
  };
  const sweep = () => {
    matchAll();
    const overdue = performance.now() - MAX_WAIT_MS;
    for (const one of waiting) if (one.ended <= overdue) finish(one);
    timer = waiting.size > 0 ? setTimeout(sweep, MAX_WAIT_MS) : undefined;
  };
  let observer: PerformanceObserver | undefined;
  try {
    observer = new PerformanceObserver((list) => {
      if (waiting.size > 0 && lists.push(list) >= MAX_LISTS) matchAll();
    });
    observer.observe({ type: 'resource' });
  } catch {
    // A browser without: spans end without a timing.
    observer = undefined;
  }
  const unlisten = page.beforeFlush(finishAll);
  return {
    end(call, ended) {
      if (waiting.size >= MAX_WAITING) matchAll();
      if (!observer || waiting.size >= MAX_WAITING) {
        call.end(ended);
        return;
      }
      waiting.add({ call, ended });
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

/** Phases in milliseconds and the bytes of the body; the browser says 0 for what it may not tell (Timing-Allow-Origin). */
export function describeTiming(span: Span, entry: PerformanceResourceTiming): void {
  const add = (name: string, value: number) => {
    if (value > 0) span.setAttribute(name, Math.round(value * 10) / 10);
  };
  add('unhinged.timing.dns', entry.domainLookupEnd - entry.domainLookupStart);
  add('unhinged.timing.connect', entry.connectEnd - entry.connectStart);
  add('unhinged.timing.wait', entry.requestStart && entry.responseStart - entry.requestStart);
  add('unhinged.timing.receive', entry.responseStart && entry.responseEnd - entry.responseStart);
  add('http.response.body.size', entry.encodedBodySize);
}
