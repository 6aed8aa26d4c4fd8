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
  type LogLine,
  type SafeValue,
} from '@unhinged/observability-core';
import { Stamp } from '../export/encode/byte-writer.js';
import { ProtoWriter } from '../export/encode/proto-writer.js';
import { writeAttribute } from '../export/encode/values.js';
import { running } from '../running.js';
import { spanContextOf } from './active-ids.js';
import { KeyBytes, keyBytes } from './key-bytes.js';
import { severityText } from './line-record.js';
import { writeBody, writeField } from './record-fields.js';

/**
 * Writes the `LogRecord` of a line while the logger walks over its metadata: the same that `LineRecord` and `writeLogRecord` make of it,
 * in another order, without anything in between.
 */
export class OtlpLineEncoder implements LineEncoder {
  private readonly record = new ProtoWriter();
  private isOpen = false;
  private left = 0;
  private dropped = 0;
  private late: [key: KeyBytes, value: SafeValue][] = [];

  constructor(readonly write: LineEncoder['write']) {}

  begin(): boolean {
    const way = running.lineWay;
    // A getter may log while its line is being walked over.
    if (this.isOpen || way?.sendEncoded === undefined) return false;
    this.isOpen = true;
    this.left = way.maxAttributes;
    this.dropped = 0;
    this.record.reset();
    return true;
  }

  field(known: KnownKey, value: SafeValue): void {
    if (this.left === 0) {
      this.dropped += 1;
      return;
    }
    this.left -= 1;
    const key = keyBytes(known);
    if (key.isMaybeOurs) this.late.push([key, value]);
    else writeField(this.record, key, value);
  }

  end(line: LogLine | undefined): void {
    try {
      if (line === undefined) return;
      this.rest(line);
      running.lineWay?.sendEncoded?.(line.service, this.record);
    } finally {
      this.isOpen = false;
      if (this.late.length > 0) this.late = [];
    }
  }

  /** Everything but the attributes that were written during the walk. */
  private rest(line: LogLine): void {
    const { record } = this;
    record.stamp(timeStamp(line.epochMs));
    record.stamp(routeStamp(line));
    writeBody(record, line.message);
    for (const [key, value] of this.late) if (!writesItself(line, key.name)) writeField(record, key, value);
    const { correlationId, requestId, sessionId, userId } = line.ids;
    if (correlationId !== undefined) writeField(record, CORRELATION, correlationId);
    if (requestId !== undefined) writeField(record, REQUEST, requestId);
    if (sessionId !== undefined) writeField(record, SESSION, sessionId);
    if (userId !== undefined) writeField(record, USER, userId);
    if (this.dropped > 0) {
      record.tag(7, 0);
      record.uint(this.dropped);
    }
    const context = spanContextOf(line.ids);
    if (context !== undefined) record.stamp(spanStamp(context));
  }
}

const CORRELATION = new KeyBytes(ID_ATTRIBUTES.correlationId);
const REQUEST = new KeyBytes(ID_ATTRIBUTES.requestId);
const SESSION = new KeyBytes(ID_ATTRIBUTES.sessionId);
const USER = new KeyBytes(ID_ATTRIBUTES.userId);

/** True when an attribute of ours takes the place of the user's. */
function writesItself({ component, ids, lakeRate }: LogLine, name: string): boolean {
  if (name === ATTR_DESTINATIONS) return true;
  if (name === ATTR_COMPONENT) return component !== '';
  if (name === ATTR_LAKE_RATE) return lakeRate > 0;
  return Object.entries(ID_ATTRIBUTES).some(
    ([id, own]) => own === name && ids[id as keyof typeof ID_ATTRIBUTES] !== undefined,
  );
}

const scratch = new ProtoWriter(256);

/** Makes `stamp` of what `write` writes. */
function stampOf(stamp: Stamp, write: (writer: ProtoWriter) => void): Stamp {
  scratch.reset();
  write(scratch);
  stamp.set(scratch.written());
  return stamp;
}

// Lines come many to a millisecond, and those of a span one after the other.
const time = { epochMs: Number.NaN, stamp: new Stamp() };
const span = { traceId: '', spanId: '', traceFlags: 0, stamp: new Stamp() };

/** Time and observed time. */
function timeStamp(epochMs: number): Stamp {
  if (time.epochMs === epochMs) return time.stamp;
  const seconds = Math.floor(epochMs / 1000);
  const nanos = Math.round((epochMs - seconds * 1000) * 1e6);
  stampOf(time.stamp, (writer) => {
    for (const field of [1, 11]) {
      writer.tag(field, 1);
      writer.time(seconds, nanos);
    }
  });
  time.epochMs = epochMs;
  return time.stamp;
}

function spanStamp({ traceId, spanId, traceFlags }: SpanContext): Stamp {
  if (span.spanId === spanId && span.traceId === traceId && span.traceFlags === traceFlags) return span.stamp;
  stampOf(span.stamp, (writer) => {
    writer.tag(8, 5);
    writer.fixed32(traceFlags);
    writer.tag(9, 2);
    writer.hex(traceId);
    writer.tag(10, 2);
    writer.hex(spanId);
  });
  Object.assign(span, { traceId, spanId, traceFlags });
  return span.stamp;
}

type Route = Pick<LogLine, 'level' | 'destinations' | 'component' | 'lakeRate'> & { stamp: Stamp };
/** By level and destinations. */
const routes: Record<string, Route> = {};
let lastRoute: Route | undefined;

/** Severity, component, and where a line goes at what rate: few values for all lines of a process. */
function routeStamp(line: LogLine): Stamp {
  if (lastRoute === undefined || !isOf(lastRoute, line)) {
    const key = `${line.level} ${line.destinations.toString()}`;
    const known = routes[key];
    lastRoute = routes[key] = known !== undefined && isOf(known, line) ? known : routeOf(line);
  }
  return lastRoute.stamp;
}

const isOf = (route: Route, { level, destinations, component, lakeRate }: LogLine): boolean =>
  route.level === level &&
  route.destinations === destinations &&
  route.component === component &&
  route.lakeRate === lakeRate;

function routeOf({ level, destinations, component, lakeRate }: LogLine): Route {
  const stamp = stampOf(new Stamp(), (writer) => {
    writer.tag(2, 0);
    writer.uint(severityNumber(level));
    writer.tag(3, 2);
    writer.string(severityText(level));
    writeAttribute(writer, 6, ATTR_DESTINATIONS, formatFlags(destinations));
    if (lakeRate > 0) writeAttribute(writer, 6, ATTR_LAKE_RATE, lakeRate);
    if (component !== '') writeAttribute(writer, 6, ATTR_COMPONENT, component);
  });
  return { level, destinations, component, lakeRate, stamp };
}
