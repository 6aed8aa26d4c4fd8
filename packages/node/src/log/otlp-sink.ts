import { resourceFromAttributes, type Resource } from '@opentelemetry/resources';
import type { LogRecordProcessor, ReadWriteLogRecord } from '@opentelemetry/sdk-logs';
import type { LogLine, RecordSink } from '@unhinged/observability-core';
import type { Limits } from '../config/limits.js';
import { running } from '../running.js';
import { LineRecord } from './line-record.js';

/** Of the OpenTelemetry specification, "Attribute Limits". */
const MAX_ATTRIBUTES = 128;

/** Sends D and L lines as OTLP log records; the bridge reads `unhinged.destinations` and does the rest. */
export function otlpSink(line: LogLine): void {
  if (running.sendLine !== undefined) {
    running.sendLine(line);
    return;
  }
  running.counts.logs.created += 1;
  running.counts.logs.drop(running.noLogsBecause);
}

/**
 * Gives lines straight to the processors: a line is plain and bounded already, and the SDK's way, which checks and copies each attribute,
 * costs more than all the rest. A line whose service is not the process's own gets a resource that says so.
 */
export function lineSender(
  resource: Resource,
  processors: readonly LogRecordProcessor[],
  limits: Limits['logRecord'],
): RecordSink {
  // Lines of a service come one after the other.
  let last = { service: String(resource.attributes['service.name']), resource };
  const resources = new Map<string, Resource>([[last.service, resource]]);
  const resourceOf = (service: string) => {
    if (last.service === service) return last.resource;
    const found =
      resources.get(service) ?? resource.merge(resourceFromAttributes({ 'service.name': service }));
    resources.set(service, found);
    last = { service, resource: found };
    return found;
  };
  const { attributeCountLimit: count = MAX_ATTRIBUTES, attributeValueLengthLimit: length = Infinity } =
    limits;
  return (line) => {
    const { fields } = line;
    const dropped = Math.max(0, fields.length - count);
    // Limits are for the user's fields; what tells the bridge where the line goes is never cut off.
    const shown = dropped > 0 || length < Infinity ? line.with(fields.bounded(count, length)) : line;
    const record = new LineRecord(shown, resourceOf(line.service), dropped);
    // They read it, and never write.
    for (const each of processors) each.onEmit(record as unknown as ReadWriteLogRecord);
  };
}
