import type { TraceResponse } from '@unhinged/observability-core';
import { useState } from 'react';
import type { ApiError } from '../../api/client.js';
import { useResource } from '../../api/use-resource.js';
import { useLive } from '../../live/live-context.js';
import { useThrottle } from '../../live/use-throttle.js';

/** Milliseconds between two looks at a trace that is not whole; what arrives live is shown sooner. */
const WAIT_MS = 1_500;

export interface TraceData {
  trace: TraceResponse | undefined;
  /** The bridge does not know the trace (yet). */
  unknown: boolean;
  error: ApiError | undefined;
}

/** The trace, read again whenever something of it arrives, and all the time until it is `whole`. */
export function useTrace(traceId: string, whole: (trace: TraceResponse) => boolean): TraceData {
  const [waiting, setWaiting] = useState(true);
  const { data, error, reload } = useResource<TraceResponse>(
    `api/traces/${encodeURIComponent(traceId)}`,
    waiting ? { refreshMs: WAIT_MS } : {},
  );
  const nowWaiting = data === undefined || !whole(data);
  if (nowWaiting !== waiting) setWaiting(nowWaiting);

  const reloadSoon = useThrottle(reload, 300);
  useLive('traces', ({ traces }) => {
    if (traces.some((trace) => trace.traceId === traceId)) reloadSoon();
  });
  useLive('logs', ({ logs }) => {
    if (logs.some((log) => log.traceId === traceId)) reloadSoon();
  });
  const unknown = error?.status === 404 && data === undefined;
  return { trace: data, unknown, error: unknown ? undefined : error };
}
