import type { AlertsResponse } from '@unhinged/observability-core';
import type { ApiContext } from './context.js';
import { Params } from './params.js';

/** GET /api/alerts */
export function getAlerts({ store }: ApiContext, query: URLSearchParams): AlertsResponse {
  new Params(query, []);
  return { alerts: store.alerts.list() };
}
