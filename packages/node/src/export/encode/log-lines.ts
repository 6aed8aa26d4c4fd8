import type { SpanContext } from '@opentelemetry/api';
import {
  ATTR_COMPONENT,
  ATTR_DESTINATIONS,
  ATTR_EXCEPTION_CAUSES,
  ATTR_LAKE_RATE,
  formatFlags,
  ID_ATTRIBUTES,
  type LogLine,
} from '@unhinged/observability-core';
import type { LineRecord } from '../../log/line-record.js';
import { writeLogRecord } from './logs.js';
import { ProtoWriter } from './proto-writer.js';
import { writeAttribute, writeValue } from './values.js';

/** Keys under which we write what is no metadata. */
const OURS = new Set<string>([
  ATTR_COMPONENT,
  ATTR_DESTINATIONS,
  ATTR_EXCEPTION_CAUSES,
  ATTR_LAKE_RATE,
  ...Object.values(ID_ATTRIBUTES),
  'exception.type',
  'exception.message',
  'exception.stacktrace',
]);

/**
 * The `LogRecord` that {@link writeLogRecord} makes of a line, without the object of all its attributes in between. A line with an
 * error, or with a key of ours in its metadata, takes that longer way.
 */
export function writeLine(writer: ProtoWriter, record: LineRecord): void {
  const { line } = record;
  if (line.error !== undefined || hasOurs(line.metadata)) {
    writeLogRecord(writer, record);
    return;
  }
  const start = writer.begin(2);
  const [seconds, nanos] = record.hrTime;
  writer.tag(1, 1);
  writer.time(seconds, nanos);
  writer.tag(2, 0);
  writer.uint(record.severityNumber);
  writer.tag(3, 2);
  writer.string(record.severityText);
  writer.tag(5, 2);
  writeValue(writer, line.message);
  writeLineAttributes(writer, line);
  if (record.droppedAttributesCount > 0) {
    writer.tag(7, 0);
    writer.uint(record.droppedAttributesCount);
  }
  const context = record.spanContext;
  if (context !== undefined) writer.raw(spanBytes(context));
  writer.tag(11, 1);
  writer.time(seconds, nanos);
  writer.end(start, 2);
}

function writeLineAttributes(
  writer: ProtoWriter,
  { metadata, component, ids, destinations, lakeRate }: LogLine,
) {
  for (const key in metadata) writeAttribute(writer, 6, key, metadata[key]);
  if (component !== '') writeAttribute(writer, 6, ATTR_COMPONENT, component);
  if (ids.correlationId !== undefined)
    writeAttribute(writer, 6, ID_ATTRIBUTES.correlationId, ids.correlationId);
  if (ids.requestId !== undefined) writeAttribute(writer, 6, ID_ATTRIBUTES.requestId, ids.requestId);
  if (ids.sessionId !== undefined) writeAttribute(writer, 6, ID_ATTRIBUTES.sessionId, ids.sessionId);
  if (ids.userId !== undefined) writeAttribute(writer, 6, ID_ATTRIBUTES.userId, ids.userId);
  writer.raw(routeBytes(destinations, lakeRate));
}

// The lines of a span come one after the other.
let last: { context: SpanContext; bytes: Uint8Array } | undefined;

function spanBytes(context: SpanContext): Uint8Array {
  if (last?.context === context) return last.bytes;
  const writer = new ProtoWriter(64);
  writer.tag(8, 5);
  writer.fixed32(context.traceFlags);
  writer.tag(9, 2);
  writer.hex(context.traceId);
  writer.tag(10, 2);
  writer.hex(context.spanId);
  last = { context, bytes: writer.written() };
  return last.bytes;
}

/** Where a line goes and at what rate: few values for all lines, so they are encoded once. */
function routeBytes(destinations: number, lakeRate: number): Uint8Array {
  let route = routes[destinations];
  if (route?.lakeRate !== lakeRate) {
    const writer = new ProtoWriter(64);
    writeAttribute(writer, 6, ATTR_DESTINATIONS, formatFlags(destinations));
    if (lakeRate > 0) writeAttribute(writer, 6, ATTR_LAKE_RATE, lakeRate);
    route = { lakeRate, bytes: writer.written() };
    routes[destinations] = route;
  }
  return route.bytes;
}

const routes: { lakeRate: number; bytes: Uint8Array }[] = [];

function hasOurs(metadata: object): boolean {
  for (const key in metadata) if (OURS.has(key)) return true;
  return false;
}
