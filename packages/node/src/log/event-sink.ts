import { buildLogEvent, toEventResource, type RecordSink } from '@unhinged/observability-core';
import type { LogEventEmitter } from '../config/options.js';
import type { ResolvedConfig } from '../config/resolve.js';
import { running } from '../running.js';
import { warnOnce } from '../warn.js';

/** Sends D and L lines as LogEvents to an emitter, instead of OTLP, for a process that has the CDC stream at hand. */
export function eventSink(emitter: LogEventEmitter, resource: () => ResolvedConfig['resource']): RecordSink {
  const counts = running.counts.logs;
  return (line) => {
    counts.created += 1;
    const event = buildLogEvent(
      {
        resource: toEventResource({ ...resource(), 'service.name': line.service }),
        timeUnixNano: BigInt(line.epochMs) * 1_000_000n,
        level: line.level,
        message: line.message,
        metadata: line.metadata,
        traceContext: line.ids,
        destinations: line.destinations,
        ...(line.lakeRate > 0 && { lakeRate: line.lakeRate }),
      },
      { sequence: emitter.sequence },
    );
    emitter.emit('observability.log_entry', { ...event, error: line.error }).then(
      () => {
        counts.exported += 1;
      },
      (error: unknown) => {
        counts.drop('failed');
        warnOnce(`log events could not be emitted: ${String(error)}; counted in stats()`);
      },
    );
  };
}
