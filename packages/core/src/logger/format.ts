import type { ErrorInfo } from '@unhinged/observability-proto';
import { quote } from '../json-text.js';
import type { SafeValue } from '../safe-value.js';
import type { LogLevel } from '../severity.js';
import { ID_KEYS, type LogLine, type TraceIds } from './line.js';

/** One JSON object without line break: time, level, service, message, ids, metadata, error; what is empty is left out. */
export function formatJsonLine(line: LogLine): string {
  return jsonLine(
    line.epochMs,
    jsonHead(line.level, line.service, line.component),
    line.message,
    line.ids,
    isEmpty(line.metadata) ? '' : JSON.stringify(line.metadata),
    line.error,
  );
}

/** What lies between time and message, the same for all lines of a level of a logger. */
export function jsonHead(level: LogLevel, service: string, component: string): string {
  const part = component === '' ? '' : `,"component":${quote(component)}`;
  return `","level":"${level}","service":${quote(service)}${part},"message":`;
}

/** A line put together from parts. `metadata` is JSON; empty: there is none. */
export function jsonLine(
  epochMs: number,
  head: string,
  message: string,
  ids: TraceIds,
  metadata: string,
  error: ErrorInfo | undefined,
): string {
  let text = `{"time":"${isoTime(epochMs)}${head}${quote(message)}${idsText(ids)}`;
  if (metadata !== '') text += `,"metadata":${metadata}`;
  if (error) text += `,"error":${JSON.stringify(error)}`;
  return `${text}}`;
}

/**
 * For people at a terminal: `12:34:56.789 INFO  chat-service User logged in userId=123 trace=4bf92f35…`, then the stack. Time is
 * UTC. Control characters are escaped: a message cannot move the cursor or fake a line.
 */
export function formatPrettyLine(line: LogLine, options: { color?: boolean } = {}): string {
  const paint = options.color ? (code: number, text: string) => `\u001b[${code}m${text}\u001b[0m` : plainText;
  const head = [
    paint(2, isoTime(line.epochMs).slice(11, 23)),
    paint(colors[line.level], line.level.toUpperCase().padEnd(5)),
    paint(36, printable(line.component === '' ? line.service : `${line.service}/${line.component}`)),
    printable(line.message),
  ];
  for (const [key, value] of Object.entries(line.metadata))
    head.push(`${paint(2, `${printable(key)}=`)}${shown(value)}`);
  if (line.ids.traceId) head.push(paint(2, `trace=${printable(line.ids.traceId)}`));
  return head.join(' ') + errorText(line);
}

const colors: Readonly<Record<LogLevel, number>> = {
  trace: 90,
  debug: 34,
  info: 32,
  warn: 33,
  error: 31,
  fatal: 35,
};

const plainText = (_code: number, text: string): string => text;

const isEmpty = (object: object): boolean => {
  for (const _key in object) return false;
  return true;
};

// Lines come many to a second, often to a millisecond, and formatting a date costs as much as the rest of the line.
let second = { number: Number.NaN, text: '' };
let millisecond = { number: Number.NaN, text: '' };

function isoTime(epochMs: number): string {
  if (epochMs === millisecond.number) return millisecond.text;
  const number = Math.floor(epochMs / 1000);
  if (number !== second.number) {
    const date = new Date(number * 1000);
    if (Number.isNaN(date.getTime())) return '0000-00-00T00:00:00.000Z';
    second = { number, text: date.toISOString().slice(0, -4) };
  }
  const milliseconds = Math.floor(epochMs - number * 1000);
  millisecond = { number: epochMs, text: `${second.text}${String(milliseconds).padStart(3, '0')}Z` };
  return millisecond.text;
}

// The lines of a request have one trace, and mostly one span.
let span: { traceId: string | undefined; spanId: string | undefined; text: string } = {
  traceId: undefined,
  spanId: undefined,
  text: '',
};

function idsText(ids: TraceIds): string {
  const { traceId, spanId } = ids;
  if (traceId !== span.traceId || spanId !== span.spanId)
    span = { traceId, spanId, text: field('traceId', traceId) + field('spanId', spanId) };
  let { text } = span;
  for (const key of OTHER_IDS) if (ids[key] !== undefined) text += field(key, ids[key]);
  return text;
}

const OTHER_IDS = ID_KEYS.filter((key) => key !== 'traceId' && key !== 'spanId');

const field = (key: string, value: string | undefined): string =>
  value === undefined ? '' : `,"${key}":${quote(value)}`;

function shown(value: SafeValue): string {
  return typeof value === 'string' && /^[\w.:/@+-]+$/.test(value) ? value : printable(JSON.stringify(value));
}

function errorText({ error }: LogLine): string {
  if (!error) return '';
  return [error, ...error.causes]
    .map((each, index) => {
      const text = each.stack === '' ? `${each.type}: ${each.message}` : each.stack;
      const lines = `${index === 0 ? '' : 'Caused by: '}${text}`.split(/\r?\n/);
      return lines.map((one) => `\n    ${printable(one.trim())}`).join('');
    })
    .join('');
}

/** C0 and C1 control characters and line separators as `\\xNN`, because a terminal obeys them. */
function printable(text: string): string {
  // eslint-disable-next-line no-control-regex -- control characters are what it looks for
  return text.replace(/[\u0000-\u001f\u007f-\u009f\u2028\u2029]/g, (found) => {
    if (found === '\n') return '\\n';
    if (found === '\t') return '\\t';
    return `\\x${found.charCodeAt(0).toString(16).padStart(2, '0')}`;
  });
}
