import { listen } from '../listen.js';
import { safely } from '../report.js';
import type { Page, Stop } from './instrument.js';

/** A page that has just started the SDK is, as a rule, still busy with its own start. */
const NOT_BEFORE_MS = 300;

/** What is done later. It may give what ends it. Where it fails nobody would be there to catch it, or somebody who only wanted to flush. */
type Later = () => Stop | undefined;

/**
 * Calls when the page has nothing better to do: after 0.3 seconds, within 2.3.
 *
 * @returns calls no more, or ends what was begun.
 */
export function whenIdle(fn: Later): Stop {
  let handle: number | undefined;
  let stop: Stop | undefined;
  const run = () => {
    stop = safely(fn);
  };
  const timer = setTimeout(() => {
    // Safari has no requestIdleCallback.
    if (typeof requestIdleCallback === 'function') handle = requestIdleCallback(run, { timeout: 2_000 });
    else run();
  }, NOT_BEFORE_MS);
  return () => {
    clearTimeout(timer);
    if (handle !== undefined) cancelIdleCallback(handle);
    stop?.();
  };
}

/** The same, but sooner when everything is sent at once; exactly once. */
export function whenIdleOrFlushed(page: Pick<Page, 'beforeFlush'>, fn: Later): Stop {
  const waiting: Stop[] = [];
  let stop: Stop | undefined;
  const cancel = () => {
    for (const one of waiting.splice(0)) one();
  };
  const run = () => {
    cancel();
    stop = safely(fn);
    return undefined;
  };
  waiting.push(whenIdle(run), page.beforeFlush(run));
  return () => {
    cancel();
    stop?.();
  };
}

/** Calls when the page has loaded, or now. */
export function whenLoaded(fn: Later): Stop {
  let stop: Stop | undefined;
  const run = () => {
    stop = safely(fn);
  };
  if (document.readyState === 'complete') run();
  else stop = listen(window, 'load', run, { once: true });
  return () => stop?.();
}
