import type { RecordSink } from '@unhinged/observability-core';
import type { ResolvedConfig } from './config/resolve.js';
import type { ProtoWriter } from './export/encode/proto-writer.js';
import { SignalCounts, type DropReason } from './stats.js';

/** How lines of loggers leave over OTLP. */
export interface LineWay {
  send: RecordSink;
  /** Takes the record of a line of a service, see `EncodedRecord`, if this way takes encoded records. */
  sendEncoded: ((service: string, record: ProtoWriter) => void) | undefined;
  /** Of the user; what comes beyond is dropped and counted in the record. */
  maxAttributes: number;
}

/**
 * What loggers need of the SDK. They may be made before it starts and outlive it, so they look here at each record instead of
 * holding on to it.
 */
export const running: {
  /** The OTLP way for lines; undefined while no logs leave: then `noLogsBecause` says why. */
  lineWay: LineWay | undefined;
  /** Sends what the SDK has. */
  flush: () => Promise<void>;
  noLogsBecause: DropReason;
  /** Resource of the SDK once `startNode` was called. */
  resource: ResolvedConfig['resource'] | undefined;
  /** `console` counts the C lines of loggers. */
  readonly policyLoads: { loaded: number; rejected: number };
  readonly counts: Readonly<Record<'spans' | 'logs' | 'metrics' | 'console', SignalCounts>>;
} = {
  lineWay: undefined,
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
