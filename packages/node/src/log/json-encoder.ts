import {
  formatJsonLine,
  isoTime,
  type KnownKey,
  type LineEncoder,
  type LogLevel,
  type LogLine,
  type SafeValue,
  type TraceIds,
} from '@unhinged/observability-core';
import { ByteWriter, Stamp } from '../export/encode/byte-writer.js';
import { KeyBytes, keyBytes } from './key-bytes.js';
import { writeJson, writeTextAndQuote } from './json-text.js';
import { stdoutWriter } from './stdout.js';

/**
 * Writes the JSON of a line into the buffer that leaves for stdout, its metadata while the logger walks over them: the same that
 * `formatJsonLine` makes, without texts in between.
 */
export class JsonLineEncoder implements LineEncoder {
  /** `,"key":value` for each field. */
  private readonly metadata = new ByteWriter();
  private isOpen = false;

  begin(): boolean {
    // A getter may log while its line is being walked over.
    if (this.isOpen) return false;
    this.isOpen = true;
    this.metadata.reset();
    return true;
  }

  field(known: KnownKey, value: SafeValue): void {
    const key = keyBytes(known);
    const { metadata } = this;
    if (typeof value === 'string') writeText(metadata, key.jsonText, value);
    else {
      metadata.stamp(key.json);
      writeJson(metadata, value);
    }
  }

  end(line: LogLine | undefined): void {
    this.isOpen = false;
    if (line === undefined) return;
    const out = stdoutWriter();
    const json = out.begin();
    if (json === undefined) return;
    json.stamp(timeStamp(line.epochMs));
    json.stamp(headStamp(line));
    writeTextAndQuote(json, line.message);
    writeIds(json, line.ids);
    const { metadata } = this;
    if (metadata.pos > 0) {
      // The comma of the first field gives its place to the bracket.
      metadata.patch(0, OPEN);
      json.stamp(METADATA);
      json.append(metadata);
      json.byte(CLOSE);
    }
    json.byte(CLOSE);
    json.byte(NEW_LINE);
    out.commit();
  }

  write(line: LogLine): void {
    stdoutWriter().add(`${formatJsonLine(line)}\n`);
  }
}

const OPEN = 0x7b;
const CLOSE = 0x7d;
const NEW_LINE = 0x0a;
const stampOf = (text: string) => new Stamp(Buffer.from(text));
const METADATA = stampOf(',"metadata":');

const CORRELATION = new KeyBytes('correlationId').jsonText;
const REQUEST = new KeyBytes('requestId').jsonText;
const SESSION = new KeyBytes('sessionId').jsonText;
const USER = new KeyBytes('userId').jsonText;

function writeIds(json: ByteWriter, ids: TraceIds): void {
  const { traceId, spanId, correlationId, requestId, sessionId, userId } = ids;
  if (traceId !== undefined || spanId !== undefined) json.stamp(spanStamp(traceId, spanId));
  if (correlationId !== undefined) writeText(json, CORRELATION, correlationId);
  if (requestId !== undefined) writeText(json, REQUEST, requestId);
  if (sessionId !== undefined) writeText(json, SESSION, sessionId);
  if (userId !== undefined) writeText(json, USER, userId);
}

function writeText(json: ByteWriter, key: Stamp, text: string): void {
  json.stamp(key);
  writeTextAndQuote(json, text);
}

// Lines come many to a millisecond, and those of a span one after the other.
const time = { epochMs: Number.NaN, stamp: new Stamp() };
const span: { traceId: string | undefined; spanId: string | undefined; stamp: Stamp } = {
  traceId: undefined,
  spanId: undefined,
  stamp: new Stamp(),
};

function timeStamp(epochMs: number): Stamp {
  if (time.epochMs !== epochMs) {
    time.stamp.set(Buffer.from(`{"time":"${isoTime(epochMs)}`));
    time.epochMs = epochMs;
  }
  return time.stamp;
}

function spanStamp(traceId: string | undefined, spanId: string | undefined): Stamp {
  if (span.traceId !== traceId || span.spanId !== spanId) {
    // The object without its brackets.
    span.stamp.set(Buffer.from(`,${JSON.stringify({ traceId, spanId }).slice(1, -1)}`));
    Object.assign(span, { traceId, spanId });
  }
  return span.stamp;
}

interface Head {
  service: string;
  component: string;
  stamp: Stamp;
}

/** Of each level that of the line before: the others of a service differ in the component at most. */
const heads = new Map<LogLevel, Head>();

/** What lies between time and message. */
function headStamp({ level, service, component }: LogLine): Stamp {
  const known = heads.get(level);
  if (known?.service === service && known.component === component) return known.stamp;
  const part = component === '' ? '' : `,"component":${JSON.stringify(component)}`;
  const stamp = stampOf(`","level":"${level}","service":${JSON.stringify(service)}${part},"message":"`);
  heads.set(level, { service, component, stamp });
  return stamp;
}
