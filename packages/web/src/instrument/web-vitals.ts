import type { Instrument, Page, Stop } from './instrument.js';
import { selectorOf } from './selector.js';
import { whenIdle, whenLoaded } from './when-idle.js';

/**
 * Core web vitals (LCP, INP, CLS) and FCP, TTFB, as events `browser.web_vital` that say what caused them, and as histograms. The
 * measuring itself, the library `web-vitals`, is loaded when the page has loaded and is idle; the browser buffers what it needs.
 */
export function recordWebVitals(): Instrument {
  return (page) => whenLoaded(() => whenIdle(() => load(page)));
}

function load(page: Page): Stop {
  let stopped = false;
  let stop: Stop | undefined;
  import('./web-vitals-report.js').then(
    ({ reportWebVitals }) => {
      if (!stopped) stop = reportWebVitals(page, selectorOf);
    },
    // A deployment that has removed the chunk: this page has no vitals.
    () => undefined,
  );
  return () => {
    stopped = true;
    stop?.();
  };
}
