import { TraceFlags, type SpanContext } from '@opentelemetry/api';
import type { ReadableSpan } from '../recorder/span.js';
import { writeAttributes } from './encode-attributes.js';
import type { ProtoWriter } from './proto-writer.js';

/** Flags of a span beside the W3C ones: is it known whether its parent is remote, and is it? */
const HAS_IS_REMOTE = 0x100;
const IS_REMOTE = 0x200;

/** The fields of an OTLP `Span` (opentelemetry/proto/trace/v1/trace.proto); what is sent is sampled, with this trace state. */
export function writeSpan(writer: ProtoWriter, span: ReadableSpan, traceState: string): void {
  const parent = span.parentSpanContext;
  writeContext(writer, span.spanContext(), traceState);
  if (parent) writer.hex(4, parent.spanId);
  writer.text(5, span.name);
  // The API counts kinds from internal = 0, OTLP has 0 for unspecified.
  writer.int(6, span.kind + 1);
  writer.time(7, ...span.startTime);
  writer.time(8, ...span.endTime);
  writeAttributes(writer, 9, span.attributes);
  writeCount(writer, 10, span.droppedAttributesCount);
  for (const event of span.events) {
    writer.nested(11, () => {
      writer.time(1, ...event.time);
      writer.text(2, event.name);
      writeAttributes(writer, 3, event.attributes ?? {});
      writeCount(writer, 4, event.droppedAttributesCount);
    });
  }
  writeCount(writer, 12, span.droppedEventsCount);
  for (const link of span.links) {
    writer.nested(13, () => {
      writeContext(writer, link.context, link.context.traceState?.serialize());
      writeAttributes(writer, 4, link.attributes ?? {});
      writeCount(writer, 5, link.droppedAttributesCount);
      writer.fixed32(6, flagsOf(link.context.traceFlags, link.context));
    });
  }
  writeCount(writer, 14, span.droppedLinksCount);
  const { message } = span.status;
  const code: number = span.status.code;
  if (code > 0) {
    writer.nested(15, () => {
      if (message) writer.text(2, message);
      writer.int(3, code);
    });
  }
  writer.fixed32(16, flagsOf(TraceFlags.SAMPLED, parent));
}

function writeContext(
  writer: ProtoWriter,
  { traceId, spanId }: SpanContext,
  traceState: string | undefined,
): void {
  writer.hex(1, traceId);
  writer.hex(2, spanId);
  if (traceState) writer.text(3, traceState);
}

function writeCount(writer: ProtoWriter, field: number, count = 0): void {
  if (count > 0) writer.int(field, count);
}

const flagsOf = (traceFlags: number, remote: SpanContext | undefined): number =>
  (traceFlags & 0xff) | HAS_IS_REMOTE | (remote?.isRemote ? IS_REMOTE : 0);
