import type { MetricSpec } from './aggregator.js';

/**
 * Requests of the page: how many, how many of them failed (`error.type`), how long they took. Recorded before any sampling. Bounds in
 * seconds, from the semantic conventions for `http.client.request.duration`.
 */
export const REQUEST_DURATION = {
  kind: 'histogram',
  name: 'http.client.request.duration',
  unit: 's',
  description: 'Duration of HTTP client requests.',
  bounds: [0.005, 0.01, 0.025, 0.05, 0.075, 0.1, 0.25, 0.5, 0.75, 1, 2.5, 5, 7.5, 10],
} satisfies MetricSpec;
