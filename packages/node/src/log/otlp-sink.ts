import { resourceFromAttributes, type Resource } from '@opentelemetry/resources';
import type { ReadWriteLogRecord } from '@opentelemetry/sdk-logs';
import type { SafeObject } from '@unhinged/observability-core';
import type { Limits } from '../config/limits.js';
import { ProtoWriter } from '../export/encode/proto-writer.js';
import type { OwnLogRecordProcessor } from '../export/processors.js';
import { running, type LineWay } from '../running.js';
import { OtlpLineEncoder } from './line-encoder.js';
import { LINE_SCOPE, LineRecord } from './line-record.js';

const NOTHING = new ProtoWriter(0);
/** Of the OpenTelemetry specification, "Attribute Limits". */
const MAX_ATTRIBUTES = 128;

/** Sends D and L lines as OTLP log records; the bridge reads `unhinged.destinations` and does the rest. */
export const otlpSink = new OtlpLineEncoder((line) => {
  if (running.lineWay !== undefined) {
    running.lineWay.send(line);
    return;
  }
  running.counts.logs.created += 1;
  running.counts.logs.drop(running.noLogsBecause);
});

/**
 * Gives lines straight to the processors: a line is plain and bounded already, and the SDK's way, which checks and copies each attribute,
 * costs more than all the rest. A line whose service is not the process's own gets a resource that says so.
 */
export function lineWay(
  resource: Resource,
  processors: readonly OwnLogRecordProcessor[],
  limits: Limits['logRecord'],
): LineWay {
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
  const [only, ...others] = processors;
  // Cutting texts is left to the longer way.
  const onEncoded = others.length === 0 && length === Infinity ? only?.onEncoded : undefined;
  // Used again for each line of a service: whoever is given it copies the record at once.
  let last = { resource, instrumentationScope: LINE_SCOPE, encoded: NOTHING };
  let lastService: string | undefined;
  return {
    maxAttributes: count,
    sendEncoded:
      onEncoded &&
      ((service, encoded) => {
        if (service !== lastService) {
          last = { resource: resourceOf(service), instrumentationScope: LINE_SCOPE, encoded };
          lastService = service;
        }
        last.encoded = encoded;
        onEncoded(last);
      }),
    send(line) {
      const { metadata } = line;
      const dropped = Math.max(0, Object.keys(metadata).length - count);
      // Limits are for the user's fields; what tells the bridge where the line goes is never cut off.
      if (dropped > 0 || length < Infinity) line.metadata = bounded(metadata, count, length);
      const record = new LineRecord(line, resourceOf(line.service), dropped);
      // They read it, and never write.
      for (const each of processors) each.onEmit(record as unknown as ReadWriteLogRecord);
    },
  };
}

function bounded(metadata: SafeObject, count: number, length: number): SafeObject {
  return Object.fromEntries(
    Object.entries(metadata)
      .slice(0, count)
      .map(([key, value]) => [key, typeof value === 'string' ? value.slice(0, length) : value]),
  );
}
