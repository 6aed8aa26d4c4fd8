import type { LCPMetric, MetricWithAttribution } from 'web-vitals/attribution';
import { onCLS } from 'web-vitals/attribution/onCLS.js';
import { onFCP } from 'web-vitals/attribution/onFCP.js';
import { onINP } from 'web-vitals/attribution/onINP.js';
import { onTTFB } from 'web-vitals/attribution/onTTFB.js';
import { onLCP } from 'web-vitals/onLCP.js';
import type { Page, Stop } from './instrument.js';

/** Attributions that are told, under the names of the browser SIG; objects and lists of entries stay here. */
const snake = (key: string) => key.replace(/([a-z])([A-Z])/g, '$1_$2').toLowerCase();

/** Milliseconds around the limits of good and poor of LCP, INP, FCP and TTFB. */
const MS_BOUNDS = [25, 50, 100, 200, 300, 500, 800, 1_200, 1_800, 2_500, 3_000, 4_000, 6_000, 10_000];
/** Scores around 0.1 (good) and 0.25 (poor). */
const CLS_BOUNDS = [0.01, 0.025, 0.05, 0.1, 0.15, 0.25, 0.4, 0.6, 1];

/** Loaded lazily, see `recordWebVitals`, which gives it what would be a chunk of its own if both imported it. The library cannot be stopped: after the stop its reports are ignored. */
export function reportWebVitals(page: Page, selectorOf: (element: Element) => string): Stop {
  let stopped = false;
  const report = (metric: Omit<MetricWithAttribution, 'attribution'> & { attribution: object }) => {
    if (stopped) return;
    const name = metric.name.toLowerCase();
    const attributes: Record<string, string | number> = {
      'browser.web_vital.name': name,
      'browser.web_vital.value': metric.value,
      'browser.web_vital.delta': metric.delta,
      'browser.web_vital.id': metric.id,
      'browser.web_vital.rating': metric.rating,
      'browser.web_vital.navigation_type': metric.navigationType,
    };
    for (const [key, value] of Object.entries(metric.attribution) as [string, unknown][]) {
      if (typeof value !== 'string' && typeof value !== 'number') continue;
      attributes[`browser.web_vital.attribution.${snake(key)}`] =
        key === 'url' ? page.shown(String(value)) : value;
    }
    page.event('browser.web_vital', attributes, { level: metric.rating === 'poor' ? 'warn' : 'info' });
    const isScore = metric.name === 'CLS';
    const bounds = isScore ? CLS_BOUNDS : MS_BOUNDS;
    page.metrics.record(
      { kind: 'histogram', name: `browser.web_vital.${name}`, unit: isScore ? '1' : 'ms', bounds },
      metric.value,
      { 'browser.web_vital.rating': metric.rating },
    );
  };
  const options = {
    generateTarget: (node: Node | null) => (node instanceof Element ? selectorOf(node) : undefined),
  };
  onCLS(report, options);
  onINP(report, options);
  onLCP((metric) => {
    report({ ...metric, attribution: causesOfLcp(metric, selectorOf) });
  });
  onFCP(report);
  onTTFB(report);
  return () => {
    stopped = true;
  };
}

/**
 * What LCP was spent on (https://web.dev/articles/optimize-lcp, the four parts). Not the library's own: that observes every resource of the
 * page, for good, which costs each request of the page more than our span of it.
 */
function causesOfLcp(
  { value, entries }: Pick<LCPMetric, 'value' | 'entries'>,
  selectorOf: (element: Element) => string,
): object {
  const entry = entries.at(-1);
  const [navigation] = performance.getEntriesByType('navigation');
  const start = navigation?.activationStart ?? 0;
  const responded = Math.max(0, (navigation?.responseStart ?? 0) - start);
  const began = (one: PerformanceResourceTiming) => one.requestStart || one.startTime;
  const resource = performance
    .getEntriesByType('resource')
    .filter((one) => one.name === entry?.url && began(one) <= entry.startTime)
    .pop();
  const requested = Math.max(responded, resource ? began(resource) - start : 0);
  const loaded = Math.min(value, Math.max(requested, resource ? resource.responseEnd - start : 0));
  return {
    target: entry?.element ? selectorOf(entry.element) : entry?.id ? `#${entry.id}` : undefined,
    url: entry?.url || undefined,
    timeToFirstByte: responded,
    resourceLoadDelay: requested - responded,
    resourceLoadDuration: loaded - requested,
    elementRenderDelay: value - loaded,
  };
}
