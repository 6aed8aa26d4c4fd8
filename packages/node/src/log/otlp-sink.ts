import { resourceFromAttributes, type Resource } from '@opentelemetry/resources';
import type { LogRecordProcessor, ReadWriteLogRecord } from '@opentelemetry/sdk-logs';
import type { RecordSink, SafeObject } from '@unhinged/observability-core';
import type { Limits } from '../config/limits.js';
import { running } from '../running.js';
import { LineRecord } from './line-record.js';

/** Of the OpenTelemetry specification, "Attribute Limits". */
const MAX_ATTRIBUTES = 128;

/** Sends D and L lines as OTLP log records; the bridge reads `unhinged.destinations` and does the rest. */
export const otlpSink: RecordSink = (line) => {
  if (running.sendLine !== undefined) {
    running.sendLine(line);
    return;
  }
  running.counts.logs.created += 1;
  running.counts.logs.drop(running.noLogsBecause);
};

/**
 * Gives lines straight to the processors: a line is plain and bounded already, and the SDK's way, which checks and copies each attribute,
 * costs more than all the rest. A line whose service is not the process's own gets a resource that says so.
 */
export function lineSender(
  resource: Resource,
  processors: readonly LogRecordProcessor[],
  limits: Limits['logRecord'],
): RecordSink {
  const resources = new Map<string, Resource>([[String(resource.attributes['service.name']), resource]]);
  const resourceOf = (service: string) => {
    let found = resources.get(service);
    if (found === undefined) {
      found = resource.merge(resourceFromAttributes({ 'service.name': service }));
      resources.set(service, found);
    }
    return found;
  };
  const { attributeCountLimit: count = MAX_ATTRIBUTES, attributeValueLengthLimit: length = Infinity } =
    limits;
  return (line) => {
    const { metadata } = line;
    const dropped = Math.max(0, Object.keys(metadata).length - count);
    // Limits are for the user's fields; what tells the bridge where the line goes is never cut off.
    if (dropped > 0 || length < Infinity) line.metadata = bounded(metadata, count, length);
    const record = new LineRecord(line, resourceOf(line.service), dropped);
    // They read it, and never write.
    for (const each of processors) each.onEmit(record as unknown as ReadWriteLogRecord);
  };
}

function bounded(metadata: SafeObject, count: number, length: number): SafeObject {
  return Object.fromEntries(
    Object.entries(metadata)
      .slice(0, count)
      .map(([key, value]) => [key, typeof value === 'string' ? value.slice(0, length) : value]),
  );
}
