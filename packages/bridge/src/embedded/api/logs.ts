import type { LogsResponse } from '@unhinged/observability-core';
import type { ApiContext } from './context.js';
import { Params } from './params.js';

/** GET /api/logs?service=&level=&q=&traceId=&limit= */
export function getLogs({ store }: ApiContext, query: URLSearchParams): LogsResponse {
  const params = new Params(query, ['service', 'level', 'q', 'traceId', 'limit']);
  const logs = store.logs.search({
    service: params.text('service'),
    level: params.level('level'),
    q: params.text('q'),
    traceId: params.traceId('traceId'),
    limit: params.count('limit', 500, 20_000),
  });
  return { logs };
}
