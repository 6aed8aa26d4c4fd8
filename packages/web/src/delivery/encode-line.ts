import { recordAttributes, severityNumber, type LogLine } from '@unhinged/observability-core';
import { writeAttributes, writeValue } from './encode-attributes.js';
import type { ProtoWriter } from './proto-writer.js';

/** The fields of an OTLP `LogRecord` (opentelemetry/proto/logs/v1/logs.proto). */
export function writeLine(writer: ProtoWriter, line: LogLine): void {
  const { traceId, spanId } = line.ids;
  const event = line.metadata['event.name'];
  writer.timeMs(1, line.epochMs);
  writer.int(2, severityNumber(line.level));
  writer.text(3, line.level.toUpperCase());
  writer.nested(5, () => {
    writeValue(writer, line.message);
  });
  writeAttributes(writer, 6, recordAttributes(line));
  if (traceId !== undefined) writer.hex(9, traceId);
  if (spanId !== undefined) writer.hex(10, spanId);
  writer.timeMs(11, line.epochMs);
  if (typeof event === 'string') writer.text(12, event);
}
