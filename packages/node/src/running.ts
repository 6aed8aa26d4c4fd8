import type { RecordSink } from '@unhinged/observability-core';
import type { ResolvedConfig } from './config/resolve.js';
import { SignalCounts, type DropReason } from './stats.js';

/**
 * What loggers need of the SDK. They may be made before it starts and outlive it, so they look here at each record instead of
 * holding on to it.
 */
export const running: {
  /** Sends lines of loggers over OTLP; undefined while no logs leave: then `noLogsBecause` says why. */
  sendLine: RecordSink | undefined;
  /** Sends what the SDK has. */
  flush: () => Promise<void>;
  noLogsBecause: DropReason;
  /** Resource of the SDK once `startNode` was called. */
  resource: ResolvedConfig['resource'] | undefined;
  /** `console` counts the C lines of loggers. */
  readonly policyLoads: { loaded: number; rejected: number };
  readonly counts: Readonly<Record<'spans' | 'logs' | 'metrics' | 'console', SignalCounts>>;
} = {
  sendLine: undefined,
  flush: () => Promise.resolve(),
  noLogsBecause: 'not_started',
  resource: undefined,
  policyLoads: { loaded: 0, rejected: 0 },
  counts: {
    spans: new SignalCounts(),
    logs: new SignalCounts(),
    metrics: new SignalCounts(),
    console: new SignalCounts(),
  },
};
