import type { SpanContext } from '@opentelemetry/api';
import {
  ATTR_COMPONENT,
  ATTR_DESTINATIONS,
  ATTR_LAKE_RATE,
  formatFlags,
  ID_ATTRIBUTES,
  severityNumber,
  type LogLevel,
  type LogLine,
} from '@unhinged/observability-core';
import { Stamp } from '../export/encode/byte-writer.js';
import { ProtoWriter } from '../export/encode/proto-writer.js';
import { writeAttribute } from '../export/encode/values.js';
import { KeyBytes, keyBytes } from './key-bytes.js';
import { writeBody, writeField } from './record-fields.js';

/** Writes the `LogRecord` of a line without an error, its length in front: the same that `writeLogRecord` makes of it, in another order. */
export function writeLine(
  writer: ProtoWriter,
  line: LogLine,
  span: SpanContext | undefined,
  dropped: number,
): void {
  const start = writer.begin(2);
  writer.stamp(timeStamp(line.epochMs));
  writer.stamp(routeStamp(line));
  writeBody(writer, line.message);
  const { keys, values, length } = line.fields;
  for (let index = 0; index < length; index++) {
    const known = keys[index];
    if (known === undefined) continue;
    const key = keyBytes(known);
    if (!key.isMaybeOurs || !writesItself(line, key.name)) writeField(writer, key, values[index]);
  }
  const { correlationId, requestId, sessionId, userId } = line.ids;
  if (correlationId !== undefined) writeField(writer, CORRELATION, correlationId);
  if (requestId !== undefined) writeField(writer, REQUEST, requestId);
  if (sessionId !== undefined) writeField(writer, SESSION, sessionId);
  if (userId !== undefined) writeField(writer, USER, userId);
  if (dropped > 0) {
    writer.tag(7, 0);
    writer.uint(dropped);
  }
  if (span !== undefined) writer.stamp(spanStamp(span));
  writer.end(start, 2);
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

export const severityText = (level: LogLevel): string => level.toUpperCase();

// Lines come many to a millisecond, and those of a span one after the other.
const time = { epochMs: Number.NaN, stamp: new Stamp() };
const lastSpan = { traceId: '', spanId: '', traceFlags: 0, stamp: new Stamp() };

// What makes a stamp is a function of its own: one that has closures makes an object for what they see each time it is called.

/** Time and observed time. */
function timeStamp(epochMs: number): Stamp {
  if (time.epochMs !== epochMs) setTime(epochMs);
  return time.stamp;
}

function setTime(epochMs: number): void {
  const seconds = Math.floor(epochMs / 1000);
  const nanos = Math.round((epochMs - seconds * 1000) * 1e6);
  stampOf(time.stamp, (writer) => {
    for (const field of [1, 11]) {
      writer.tag(field, 1);
      writer.time(seconds, nanos);
    }
  });
  time.epochMs = epochMs;
}

function spanStamp(span: SpanContext): Stamp {
  const { spanId, traceId, traceFlags, stamp } = lastSpan;
  if (spanId !== span.spanId || traceId !== span.traceId || traceFlags !== span.traceFlags) setSpan(span);
  return stamp;
}

function setSpan({ traceId, spanId, traceFlags }: SpanContext): void {
  stampOf(lastSpan.stamp, (writer) => {
    writer.tag(8, 5);
    writer.fixed32(traceFlags);
    writer.tag(9, 2);
    writer.hex(traceId);
    writer.tag(10, 2);
    writer.hex(spanId);
  });
  Object.assign(lastSpan, { traceId, spanId, traceFlags });
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
