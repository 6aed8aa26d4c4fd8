import { listen } from '../listen.js';
import type { Page, Stop } from './instrument.js';

/** A page that has just started the SDK is, as a rule, still busy with its own start. */
const NOT_BEFORE_MS = 300;

/** Calls back when the page has nothing better to do: after 0.3 seconds, within 2.3. */
export function whenIdle(fn: () => void): Stop {
  let handle: number | undefined;
  const timer = setTimeout(() => {
    // Safari has no requestIdleCallback.
    if (typeof requestIdleCallback === 'function') handle = requestIdleCallback(fn, { timeout: 2_000 });
    else fn();
  }, NOT_BEFORE_MS);
  return () => {
    clearTimeout(timer);
    if (handle !== undefined) cancelIdleCallback(handle);
  };
}

/** The same, but sooner when everything is sent at once; exactly once. */
export function whenIdleOrFlushed(page: Pick<Page, 'beforeFlush'>, fn: () => void): Stop {
  const stops: Stop[] = [];
  const stop = () => {
    for (const one of stops.splice(0)) one();
  };
  const run = () => {
    stop();
    fn();
  };
  stops.push(whenIdle(run), page.beforeFlush(run));
  return stop;
}

/** Calls back when the page has loaded, or now. */
export function whenLoaded(fn: () => void): Stop {
  if (document.readyState !== 'complete') return listen(window, 'load', fn, { once: true });
  fn();
  return () => undefined;
}
