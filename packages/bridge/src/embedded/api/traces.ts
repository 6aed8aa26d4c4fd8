import { ObservabilityError, type TraceResponse, type TracesResponse } from '@unhinged/observability-core';
import type { ApiContext } from './context.js';
import { checkedTraceId, Params } from './params.js';

const MAX_LOGS = 5_000;

/** GET /api/traces?service=&q=&errors=1&minMs=&limit= */
export async function getTraces({ store }: ApiContext, query: URLSearchParams): Promise<TracesResponse> {
  const params = new Params(query, ['service', 'q', 'errors', 'minMs', 'limit']);
  const traces = await store.traces.search({
    service: params.text('service'),
    q: params.text('q'),
    errorsOnly: params.flag('errors'),
    minMs: params.number('minMs', 0, 0, Number.MAX_SAFE_INTEGER),
    limit: params.count('limit', 100, 10_000),
  });
  return { traces };
}

/** GET /api/traces/:traceId */
export function getTrace({ store }: ApiContext, query: URLSearchParams, id: string): TraceResponse {
  new Params(query, []);
  const traceId = checkedTraceId(id, 'Path');
  const spans = store.traces.spans(traceId);
  const logs = store.logs.search({ traceId, limit: MAX_LOGS });
  if (spans === undefined && logs.length === 0) {
    throw new ObservabilityError(
      'not_found',
      `No trace ${traceId} among the last ones. Older ones are in the lake: select * from observability_traces ` +
        `where trace_id = '${traceId}'.`,
    );
  }
  return { traceId, spans: spans ?? [], logs };
}
