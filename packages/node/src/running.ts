import type { Logger as OtelLogger } from '@opentelemetry/api-logs';
import { SignalCounts, type DropReason } from './stats.js';

/**
 * What loggers need of the SDK. They may be made before it starts and outlive it, so they look here at each record instead of
 * holding on to it.
 */
export const running: {
  /** Undefined while no logs leave: then `noLogsBecause` says why. */
  logger: OtelLogger | undefined;
  noLogsBecause: DropReason;
  /** `service.name` and environment of the SDK, the defaults of a logger made after it. */
  service: string | undefined;
  environment: string | undefined;
  readonly counts: Readonly<Record<'spans' | 'logs' | 'metrics', SignalCounts>>;
} = {
  logger: undefined,
  noLogsBecause: 'not_started',
  service: undefined,
  environment: undefined,
  counts: { spans: new SignalCounts(), logs: new SignalCounts(), metrics: new SignalCounts() },
};
