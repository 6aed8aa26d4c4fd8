import type { SpanContext } from '@opentelemetry/api';
import {
  ATTR_COMPONENT,
  ATTR_DESTINATIONS,
  ATTR_LAKE_RATE,
  formatFlags,
  ID_ATTRIBUTES,
  severityNumber,
  type KnownKey,
  type LineEncoder,
  type LogLevel,
  type LogLine,
  type SafeValue,
} from '@unhinged/observability-core';
import { ProtoWriter } from '../export/encode/proto-writer.js';
import { keyBytes, writeAttribute, writePair, writeValue } from '../export/encode/values.js';
import { running } from '../running.js';
import { spanContextOf } from './active-ids.js';
import { severityText } from './line-record.js';

/** Stands for the key of an attribute that may be ours: whether it is, only the end of the line tells. */
const MAYBE_OURS = new Uint8Array();
const OURS = new Set<string>([
  ATTR_COMPONENT,
  ATTR_DESTINATIONS,
  ATTR_LAKE_RATE,
  ...Object.values(ID_ATTRIBUTES),
]);

/**
 * Writes the `LogRecord` of a line while the logger walks over its metadata: the same that `LineRecord` and `writeLogRecord` make of it,
 * without anything in between.
 */
export class OtlpLineEncoder implements LineEncoder {
  /** The line that is open, or was the last. */
  private readonly record = new ProtoWriter(1_024);
  private isOpen = false;
  private left = 0;
  private dropped = 0;
  private late: [name: string, value: SafeValue][] = [];

  constructor(readonly write: LineEncoder['write']) {}

  begin(): boolean {
    const way = running.lineWay;
    // A getter may log while its line is being walked over.
    if (this.isOpen || way?.sendEncoded === undefined) return false;
    this.isOpen = true;
    this.record.reset();
    this.left = way.maxAttributes;
    this.dropped = 0;
    return true;
  }

  field(key: KnownKey, value: SafeValue): void {
    if (this.left === 0) {
      this.dropped += 1;
      return;
    }
    this.left -= 1;
    const front = (key.encoded ??= OURS.has(key.name) ? MAYBE_OURS : keyBytes(key.name)) as Uint8Array;
    if (front === MAYBE_OURS) this.late.push([key.name, value]);
    else writePair(this.record, 6, front, value);
  }

  end(line: LogLine | undefined): void {
    try {
      if (line === undefined) return;
      this.finish(line);
      running.lineWay?.sendEncoded?.(line.service, this.record);
    } finally {
      this.isOpen = false;
      if (this.late.length > 0) this.late = [];
    }
  }

  private finish(line: LogLine): void {
    const { record } = this;
    record.raw(timeBytes(line.epochMs));
    record.raw(routeBytes(line));
    record.tag(5, 2);
    writeValue(record, line.message);
    for (const [name, value] of this.late)
      if (!writesItself(line, name)) writeAttribute(record, 6, name, value);
    const { correlationId, requestId, sessionId, userId } = line.ids;
    if (correlationId !== undefined) writePair(record, 6, CORRELATION, correlationId);
    if (requestId !== undefined) writePair(record, 6, REQUEST, requestId);
    if (sessionId !== undefined) writePair(record, 6, SESSION, sessionId);
    if (userId !== undefined) writePair(record, 6, USER, userId);
    if (this.dropped > 0) {
      record.tag(7, 0);
      record.uint(this.dropped);
    }
    const context = spanContextOf(line.ids);
    if (context !== undefined) record.raw(spanBytes(context));
  }
}

const CORRELATION = keyBytes(ID_ATTRIBUTES.correlationId);
const REQUEST = keyBytes(ID_ATTRIBUTES.requestId);
const SESSION = keyBytes(ID_ATTRIBUTES.sessionId);
const USER = keyBytes(ID_ATTRIBUTES.userId);

/** True when an attribute of ours takes the place of the user's. */
function writesItself({ component, ids, lakeRate }: LogLine, name: string): boolean {
  if (name === ATTR_DESTINATIONS) return true;
  if (name === ATTR_COMPONENT) return component !== '';
  if (name === ATTR_LAKE_RATE) return lakeRate > 0;
  return Object.entries(ID_ATTRIBUTES).some(
    ([id, own]) => own === name && ids[id as keyof typeof ID_ATTRIBUTES] !== undefined,
  );
}

// Lines come many to a millisecond, and those of a span one after the other.
let time: { epochMs: number; bytes: Uint8Array } | undefined;
let span: { context: SpanContext; bytes: Uint8Array } | undefined;

/** Time and observed time. */
function timeBytes(epochMs: number): Uint8Array {
  if (time?.epochMs === epochMs) return time.bytes;
  const seconds = Math.floor(epochMs / 1000);
  const nanos = Math.round((epochMs - seconds * 1000) * 1e6);
  const bytes = encoded((writer) => {
    for (const field of [1, 11]) {
      writer.tag(field, 1);
      writer.time(seconds, nanos);
    }
  });
  time = { epochMs, bytes };
  return bytes;
}

function spanBytes(context: SpanContext): Uint8Array {
  if (span?.context === context) return span.bytes;
  const bytes = encoded((writer) => {
    writer.tag(8, 5);
    writer.fixed32(context.traceFlags);
    writer.tag(9, 2);
    writer.hex(context.traceId);
    writer.tag(10, 2);
    writer.hex(context.spanId);
  });
  span = { context, bytes };
  return bytes;
}

type Route = Pick<LogLine, 'component' | 'lakeRate'> & { bytes: Uint8Array };
const routes = new Map<LogLevel, Route[]>();

/** Severity, component, and where a line goes at what rate: few values for all lines of a process. */
function routeBytes({ level, destinations, component, lakeRate }: LogLine): Uint8Array {
  let ofLevel = routes.get(level);
  if (ofLevel === undefined) routes.set(level, (ofLevel = []));
  const known = ofLevel[destinations];
  if (known?.component === component && known.lakeRate === lakeRate) return known.bytes;
  const bytes = encoded((writer) => {
    writer.tag(2, 0);
    writer.uint(severityNumber(level));
    writer.tag(3, 2);
    writer.string(severityText(level));
    writeAttribute(writer, 6, ATTR_DESTINATIONS, formatFlags(destinations));
    if (lakeRate > 0) writeAttribute(writer, 6, ATTR_LAKE_RATE, lakeRate);
    if (component !== '') writeAttribute(writer, 6, ATTR_COMPONENT, component);
  });
  ofLevel[destinations] = { component, lakeRate, bytes };
  return bytes;
}

function encoded(write: (writer: ProtoWriter) => void): Uint8Array {
  const writer = new ProtoWriter(128);
  write(writer);
  return writer.written();
}
