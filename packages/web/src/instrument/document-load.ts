import { ROOT_CONTEXT, propagation, trace } from '@opentelemetry/api';
import type { Instrument, Page } from './instrument.js';
import { addTiming } from './resource-timings.js';
import { whenIdleOrFlushed, whenLoaded } from './when-idle.js';

/**
 * The load of the document as a trace: `documentLoad`, its child `documentFetch`, and with `resources: true` a `resourceFetch`
 * for every script, style sheet and image, which on many pages are hundreds. It continues the server's trace when the page
 * has `<meta name="traceparent" content="…">` or the answer had `Server-Timing: traceparent;desc="…"`.
 */
export function traceDocumentLoad(options: { resources?: boolean } = {}): Instrument {
  return (page) =>
    // The entry is complete only after the handlers of `load` have run.
    whenLoaded(() =>
      whenIdleOrFlushed(page, () => {
        record(page, options.resources === true);
      }),
    );
}

const MILESTONES = {
  dom_interactive: 'domInteractive',
  dom_content_loaded_event_end: 'domContentLoadedEventEnd',
  dom_complete: 'domComplete',
} as const;

const entriesOf = <E extends PerformanceEntry>(type: string): E[] =>
  (performance as { getEntriesByType(type: string): PerformanceEntry[] }).getEntriesByType(type) as E[];

function record(page: Page, withResources: boolean): void {
  const [entry] = entriesOf<PerformanceNavigationTiming>('navigation');
  if (!entry) return;
  const url = page.shown(location.href);
  const load = page.tracer.startSpan(
    'documentLoad',
    {
      startTime: entry.fetchStart,
      attributes: { 'url.full': url, 'browser.navigation_timing.type': entry.type },
    },
    propagation.extract(ROOT_CONTEXT, { traceparent: serverTrace(entry) }),
  );
  const inLoad = trace.setSpan(ROOT_CONTEXT, load);
  page.tracer
    .startSpan(
      'documentFetch',
      { startTime: entry.fetchStart, attributes: addTiming({ 'url.full': url }, entry) },
      inLoad,
    )
    .end(entry.responseEnd);
  for (const [name, key] of Object.entries(MILESTONES)) {
    if (entry[key] > 0) load.setAttribute(`browser.navigation_timing.${name}`, entry[key]);
  }
  for (const paint of performance.getEntriesByType('paint')) {
    load.setAttribute(`unhinged.timing.${paint.name.replaceAll('-', '_')}`, paint.startTime);
  }
  if (withResources) {
    for (const resource of entriesOf<PerformanceResourceTiming>('resource')) {
      if (page.ignores(resource.name)) continue;
      const attributes = {
        'url.full': page.shown(resource.name),
        'unhinged.initiator': resource.initiatorType,
      };
      page.tracer
        .startSpan(
          'resourceFetch',
          { startTime: resource.fetchStart, attributes: addTiming(attributes, resource) },
          inLoad,
        )
        .end(resource.responseEnd);
    }
  }
  load.end(entry.loadEventEnd > 0 ? entry.loadEventEnd : performance.now());
}

function serverTrace(entry: PerformanceNavigationTiming): string | undefined {
  const meta = document.querySelector<HTMLMetaElement>('meta[name=traceparent]')?.content;
  const timing = entry.serverTiming as readonly PerformanceServerTiming[] | undefined;
  return meta ?? timing?.find((one) => one.name === 'traceparent')?.description;
}
