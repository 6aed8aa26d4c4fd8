import {
  ObservabilityError,
  type MetricSeriesResponse,
  type MetricsResponse,
} from '@unhinged/observability-core';
import type { ApiContext } from './context.js';
import { Params } from './params.js';

/** GET /api/metrics */
export function getMetrics({ store }: ApiContext, query: URLSearchParams): MetricsResponse {
  new Params(query, []);
  return { metrics: store.metrics.list() };
}

/** GET /api/metrics/series?name=&service= */
export function getMetricSeries({ store }: ApiContext, query: URLSearchParams): MetricSeriesResponse {
  const params = new Params(query, ['name', 'service']);
  const name = params.required('name');
  const series = store.metrics.series(name, params.text('service'));
  if (series) return series;
  throw new ObservabilityError('not_found', `No metric ${JSON.stringify(name)} has been received lately.`);
}
