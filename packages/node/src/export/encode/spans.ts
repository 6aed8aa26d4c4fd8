import type { SpanContext, SpanStatus } from '@opentelemetry/api';
import type { ReadableSpan } from '@opentelemetry/sdk-trace-base';
import type { ProtoWriter } from './proto-writer.js';
import { writeAttributes } from './values.js';

// Span.flags beyond the 8 W3C bits (trace.proto, SpanFlags).
const HAS_IS_REMOTE = 0x100;
const IS_REMOTE = 0x200;

/** One `Span` with its length in front (opentelemetry/proto/trace/v1/trace.proto). */
export function writeSpan(writer: ProtoWriter, span: ReadableSpan, traceState: string | undefined): void {
  const start = writer.begin(2);
  const context = span.spanContext();
  const parent = span.parentSpanContext;
  writer.tag(1, 2);
  writer.hex(context.traceId);
  writer.tag(2, 2);
  writer.hex(context.spanId);
  writeText(writer, 3, traceState ?? context.traceState?.serialize());
  if (parent?.spanId) {
    writer.tag(4, 2);
    writer.hex(parent.spanId);
  }
  writer.tag(5, 2);
  writer.string(span.name);
  writer.tag(6, 0);
  // The API has no value for "unspecified", the protocol counts from it.
  writer.uint(span.kind + 1);
  writer.tag(7, 1);
  writer.time(span.startTime[0], span.startTime[1]);
  writer.tag(8, 1);
  writer.time(span.endTime[0], span.endTime[1]);
  writeAttributes(writer, 9, span.attributes);
  writeCount(writer, 10, span.droppedAttributesCount);
  for (const event of span.events) {
    writer.tag(11, 2);
    const at = writer.begin(1);
    writer.tag(1, 1);
    writer.time(event.time[0], event.time[1]);
    writer.tag(2, 2);
    writer.string(event.name);
    if (event.attributes !== undefined) writeAttributes(writer, 3, event.attributes);
    writeCount(writer, 4, event.droppedAttributesCount);
    writer.end(at, 1);
  }
  writeCount(writer, 12, span.droppedEventsCount);
  for (const link of span.links) {
    writer.tag(13, 2);
    const at = writer.begin(1);
    writer.tag(1, 2);
    writer.hex(link.context.traceId);
    writer.tag(2, 2);
    writer.hex(link.context.spanId);
    writeText(writer, 3, link.context.traceState?.serialize());
    if (link.attributes !== undefined) writeAttributes(writer, 4, link.attributes);
    writeCount(writer, 5, link.droppedAttributesCount);
    writer.tag(6, 5);
    writer.fixed32(flags(link.context, link.context));
    writer.end(at, 1);
  }
  writeCount(writer, 14, span.droppedLinksCount);
  writer.tag(15, 2);
  writeStatus(writer, span.status);
  writer.tag(16, 5);
  writer.fixed32(flags(context, parent));
  writer.end(start, 2);
}

function writeStatus(writer: ProtoWriter, status: SpanStatus): void {
  const start = writer.begin(1);
  writeText(writer, 2, status.message);
  writeCount(writer, 3, status.code);
  writer.end(start, 1);
}

function flags(own: SpanContext, remoteOf: SpanContext | undefined): number {
  return (own.traceFlags & 0xff) | HAS_IS_REMOTE | (remoteOf?.isRemote === true ? IS_REMOTE : 0);
}

function writeText(writer: ProtoWriter, field: number, text: string | undefined): void {
  if (text === undefined || text === '') return;
  writer.tag(field, 2);
  writer.string(text);
}

/** A number that is 0 when left out. */
function writeCount(writer: ProtoWriter, field: number, count: number | undefined): void {
  if (count === undefined || count === 0) return;
  writer.tag(field, 0);
  writer.uint(count);
}
