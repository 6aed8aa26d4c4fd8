import type { ReadableLogRecord } from '@opentelemetry/sdk-logs';
import type { ProtoWriter } from './proto-writer.js';
import { writeAttributes, writeValue } from './values.js';

/** A log record that may know a shorter way to its bytes than over its fields. */
export interface OwnLogRecord extends ReadableLogRecord {
  /** Writes what {@link writeLogRecord} would. */
  writeTo?(writer: ProtoWriter): void;
}

/** One `LogRecord` with its length in front (opentelemetry/proto/logs/v1/logs.proto). */
export function writeLogRecord(writer: ProtoWriter, record: ReadableLogRecord): void {
  const start = writer.begin(2);
  writer.tag(1, 1);
  writer.time(record.hrTime[0], record.hrTime[1]);
  if (record.severityNumber !== undefined) {
    writer.tag(2, 0);
    writer.uint(record.severityNumber);
  }
  if (record.severityText !== undefined) {
    writer.tag(3, 2);
    writer.string(record.severityText);
  }
  if (record.body !== undefined) {
    writer.tag(5, 2);
    writeValue(writer, record.body);
  }
  writeAttributes(writer, 6, record.attributes);
  if (record.droppedAttributesCount > 0) {
    writer.tag(7, 0);
    writer.uint(record.droppedAttributesCount);
  }
  const context = record.spanContext;
  if (context !== undefined) {
    writer.tag(8, 5);
    writer.fixed32(context.traceFlags);
    writer.tag(9, 2);
    writer.hex(context.traceId);
    writer.tag(10, 2);
    writer.hex(context.spanId);
  }
  writer.tag(11, 1);
  writer.time(record.hrTimeObserved[0], record.hrTimeObserved[1]);
  if (record.eventName !== undefined) {
    writer.tag(12, 2);
    writer.string(record.eventName);
  }
  writer.end(start, 2);
}
