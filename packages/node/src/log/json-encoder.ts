import {
  formatJsonLine,
  isoTime,
  type LogLevel,
  type LogLine,
  type SafeFields,
  type TraceIds,
} from '@unhinged/observability-core';
import { type ByteWriter, Stamp } from '../export/encode/byte-writer.js';
import { KeyBytes, keyBytes } from './key-bytes.js';
import { writeJson, writeTextAndQuote } from './json-text.js';
import { stdoutWriter } from './stdout.js';

/** Writes a line to stdout: the same text that `formatJsonLine` makes, as bytes in the buffer that leaves. */
export function writeJsonLine(line: LogLine): void {
  const out = stdoutWriter();
  if (line.error !== undefined) {
    // Rare, and not worth a second way to write causes.
    out.add(`${formatJsonLine(line)}\n`);
    return;
  }
  const json = out.begin();
  if (json === undefined) return;
  json.stamp(timeStamp(line.epochMs));
  json.stamp(headStamp(line));
  writeTextAndQuote(json, line.message);
  writeIds(json, line.ids);
  if (line.fields.length > 0) writeMetadata(json, line.fields);
  json.byte(CLOSE);
  json.byte(NEW_LINE);
  out.commit();
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

function writeMetadata(json: ByteWriter, { keys, values, length }: SafeFields): void {
  json.stamp(METADATA);
  const start = json.pos;
  for (let index = 0; index < length; index++) {
    const known = keys[index];
    if (known === undefined) continue;
    const key = keyBytes(known);
    const value = values[index] ?? null;
    if (typeof value === 'string') writeText(json, key.jsonText, value);
    else {
      json.stamp(key.json);
      writeJson(json, value);
    }
  }
  // The comma of the first field gives its place to the bracket.
  json.patch(start, OPEN);
  json.byte(CLOSE);
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
