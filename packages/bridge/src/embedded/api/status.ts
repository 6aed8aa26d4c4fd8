import type { StatusResponse } from '@unhinged/observability-core';
import type { ApiContext } from './context.js';
import { Params } from './params.js';

/** GET /api/status */
export function getStatus(context: ApiContext, query: URLSearchParams): StatusResponse {
  new Params(query, []);
  const { version, startedMs, dataDir, ports, lake, journal, counters } = context;
  const { committedSequence, rows, pendingRows, lastCommitMs } = lake.stats();
  const { firstSequence, lastSequence, bytes, capBytes } = journal.stats();
  return {
    ...{ version, startedMs, dataDir, ports: ports() },
    lake: { committedSequence, rows, pendingRows, lastCommitMs },
    journal: { firstSequence, lastSequence, bytes, capBytes },
    counters: counters.snapshot(),
  };
}
