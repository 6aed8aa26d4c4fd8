import type { ServicesResponse } from '@unhinged/observability-core';
import type { ApiContext } from './context.js';
import { Params } from './params.js';

/** GET /api/services */
export function getServices({ store }: ApiContext, query: URLSearchParams): ServicesResponse {
  new Params(query, []);
  return store.services.summaries();
}
