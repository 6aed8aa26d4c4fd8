import type { Logger as OtelLogger } from '@opentelemetry/api-logs';
import type { ResolvedConfig } from './config/resolve.js';
import { SignalCounts, type DropReason } from './stats.js';

/**
 * What loggers need of the SDK. They may be made before it starts and outlive it, so they look here at each record instead of
 * holding on to it.
 */
export const running: {
  /** The OTLP way for lines of a service; undefined while no logs leave: then `noLogsBecause` says why. */
  otelLogger: ((service: string) => OtelLogger) | undefined;
  noLogsBecause: DropReason;
  /** Resource of the SDK once `startNode` was called. */
  resource: ResolvedConfig['resource'] | undefined;
  readonly counts: Readonly<Record<'spans' | 'logs' | 'metrics', SignalCounts>>;
} = {
  otelLogger: undefined,
  noLogsBecause: 'not_started',
  resource: undefined,
  counts: { spans: new SignalCounts(), logs: new SignalCounts(), metrics: new SignalCounts() },
};
