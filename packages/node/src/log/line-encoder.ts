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
import { binaryText, BYTE, isAscii } from '../export/encode/binary-text.js';
import { writeAttribute, writeValue } from '../export/encode/values.js';
import { running } from '../running.js';
import { spanContextOf } from './active-ids.js';
import { severityText } from './line-record.js';
import { PairText } from './pair-text.js';

/** Stands for the key of an attribute that may be ours: whether it is, only the end of the line tells. */
const MAYBE_OURS = {};
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
  /** Attributes of the line that is open. */
  private text = '';
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
    const pair = (key.encoded ??= OURS.has(key.name) ? MAYBE_OURS : new PairText(key.name));
    if (pair instanceof PairText) this.text += pair.of(value);
    else this.late.push([key.name, value]);
  }

  end(line: LogLine | undefined): void {
    const { text } = this;
    this.text = '';
    try {
      if (line !== undefined) running.lineWay?.sendEncoded?.(line.service, this.head(line) + text);
    } finally {
      this.isOpen = false;
      if (this.late.length > 0) this.late = [];
    }
  }

  /** Everything but the attributes that stand in `text`. */
  private head(line: LogLine): string {
    let head = timeText(line.epochMs) + routeText(line) + messageText(line.message);
    for (const [name, value] of this.late)
      if (!writesItself(line, name)) head += new PairText(name).of(value);
    const { correlationId, requestId, sessionId, userId } = line.ids;
    if (correlationId !== undefined) head += CORRELATION.of(correlationId);
    if (requestId !== undefined) head += REQUEST.of(requestId);
    if (sessionId !== undefined) head += SESSION.of(sessionId);
    if (userId !== undefined) head += USER.of(userId);
    if (this.dropped > 0) {
      const { dropped } = this;
      head += binaryText((writer) => {
        writer.tag(7, 0);
        writer.uint(dropped);
      });
    }
    const context = spanContextOf(line.ids);
    return context === undefined ? head : head + spanText(context);
  }
}

const CORRELATION = new PairText(ID_ATTRIBUTES.correlationId);
const REQUEST = new PairText(ID_ATTRIBUTES.requestId);
const SESSION = new PairText(ID_ATTRIBUTES.sessionId);
const USER = new PairText(ID_ATTRIBUTES.userId);

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
let time: { epochMs: number; text: string } | undefined;
let span: { context: SpanContext; text: string } | undefined;
/** What comes before a message, by its length. */
const bodies: string[] = [];

/** Time and observed time. */
function timeText(epochMs: number): string {
  if (time?.epochMs === epochMs) return time.text;
  const seconds = Math.floor(epochMs / 1000);
  const nanos = Math.round((epochMs - seconds * 1000) * 1e6);
  const text = binaryText((writer) => {
    for (const field of [1, 11]) {
      writer.tag(field, 1);
      writer.time(seconds, nanos);
    }
  });
  time = { epochMs, text };
  return text;
}

function messageText(message: string): string {
  const { length } = message;
  if (length < 0x7e && isAscii(message))
    return (bodies[length] ??= `*${BYTE[length + 2] ?? ''}\n${BYTE[length] ?? ''}`) + message;
  return binaryText((writer) => {
    writer.tag(5, 2);
    writeValue(writer, message);
  });
}

function spanText(context: SpanContext): string {
  if (span?.context === context) return span.text;
  const text = binaryText((writer) => {
    writer.tag(8, 5);
    writer.fixed32(context.traceFlags);
    writer.tag(9, 2);
    writer.hex(context.traceId);
    writer.tag(10, 2);
    writer.hex(context.spanId);
  });
  span = { context, text };
  return text;
}

type Route = Pick<LogLine, 'component' | 'lakeRate'> & { text: string };
const routes = new Map<LogLevel, Route[]>();

/** Severity, component, and where a line goes at what rate: few values for all lines of a process. */
function routeText({ level, destinations, component, lakeRate }: LogLine): string {
  let ofLevel = routes.get(level);
  if (ofLevel === undefined) routes.set(level, (ofLevel = []));
  const known = ofLevel[destinations];
  if (known?.component === component && known.lakeRate === lakeRate) return known.text;
  const text = binaryText((writer) => {
    writer.tag(2, 0);
    writer.uint(severityNumber(level));
    writer.tag(3, 2);
    writer.string(severityText(level));
    writeAttribute(writer, 6, ATTR_DESTINATIONS, formatFlags(destinations));
    if (lakeRate > 0) writeAttribute(writer, 6, ATTR_LAKE_RATE, lakeRate);
    if (component !== '') writeAttribute(writer, 6, ATTR_COMPONENT, component);
  });
  ofLevel[destinations] = { component, lakeRate, text };
  return text;
}
