import { recordAttributes, severityNumber, type RecordSink } from '@unhinged/observability-core';
import { running } from '../running.js';

/** Sends D and L lines as OTLP log records; the bridge reads `unhinged.destinations` and does the rest. */
export const otlpSink: RecordSink = (line) => {
  const logger = running.otelLogger?.(line.service);
  if (logger === undefined) {
    running.counts.logs.created += 1;
    running.counts.logs.drop(running.noLogsBecause);
    return;
  }
  // Trace and span id come from the active context.
  logger.emit({
    timestamp: line.epochMs,
    observedTimestamp: line.epochMs,
    // eslint-disable-next-line @typescript-eslint/no-unsafe-enum-assignment -- core's numbers are OpenTelemetry's, without its enum
    severityNumber: severityNumber(line.level),
    severityText: line.level.toUpperCase(),
    body: line.message,
    attributes: recordAttributes(line),
  });
};
