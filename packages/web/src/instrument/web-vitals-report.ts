import { onCLS, onFCP, onINP, onLCP, onTTFB, type MetricWithAttribution } from 'web-vitals/attribution';
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
  const report = (metric: MetricWithAttribution) => {
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
    for (const [key, value] of Object.entries(metric.attribution)) {
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
  onLCP(report, options);
  onFCP(report);
  onTTFB(report);
  return () => {
    stopped = true;
  };
}
