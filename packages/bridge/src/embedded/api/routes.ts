import { getAlerts } from './alerts.js';
import type { ApiContext } from './context.js';
import { getLogs } from './logs.js';
import { getMetrics, getMetricSeries } from './metrics.js';
import { postQuery } from './query.js';
import { getServices } from './services.js';
import { postStack } from './stack.js';
import { getStatus } from './status.js';
import { getTrace, getTraces } from './traces.js';

/** What an endpoint gives is sent as JSON with status 200. */
export type Route =
  | { method: 'GET'; answer: (context: ApiContext, query: URLSearchParams) => unknown }
  | { method: 'POST'; answer: (context: ApiContext, body: unknown) => unknown };

const routes: Readonly<Record<string, Route>> = {
  '/api/services': { method: 'GET', answer: getServices },
  '/api/traces': { method: 'GET', answer: getTraces },
  '/api/logs': { method: 'GET', answer: getLogs },
  '/api/metrics': { method: 'GET', answer: getMetrics },
  '/api/metrics/series': { method: 'GET', answer: getMetricSeries },
  '/api/alerts': { method: 'GET', answer: getAlerts },
  '/api/status': { method: 'GET', answer: getStatus },
  '/api/query': { method: 'POST', answer: postQuery },
  '/api/stack': { method: 'POST', answer: postStack },
  '/api/flush': {
    method: 'POST',
    answer: async ({ flush, lake }) => {
      await flush();
      return { committedSequence: lake.committed };
    },
  },
};

const TRACE = '/api/traces/';

/** The endpoint of a path; undefined when there is none. `/api/live` is not here: it does not end. */
export function routeOf(path: string): Route | undefined {
  if (Object.hasOwn(routes, path)) return routes[path];
  if (!path.startsWith(TRACE)) return undefined;
  const id = path.slice(TRACE.length);
  return { method: 'GET', answer: (context, query) => getTrace(context, query, id) };
}
