import type { SafeValue } from '../safe-value.js';
import type { LogLevel } from '../severity.js';
import type { LogLine, TraceIds } from './line.js';

/** One JSON object without line break: time, level, service, message, ids, metadata, error; what is empty is left out. */
export function formatJsonLine(line: LogLine): string {
  const { level, service, component, message, ids, metadata, error } = line;
  return JSON.stringify({
    time: isoTime(line.epochMs),
    level,
    service,
    component: component === '' ? undefined : component,
    message,
    ...idsInOrder(ids),
    metadata: isEmpty(metadata) ? undefined : metadata,
    error,
  });
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

/** ISO 8601 in UTC with milliseconds; year 0 for what is no time. */
export function isoTime(epochMs: number): string {
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

/** As they stand in a JSON line. */
function idsInOrder(ids: TraceIds): TraceIds {
  const { traceId, spanId, correlationId, requestId, sessionId, userId } = ids;
  return { traceId, spanId, correlationId, requestId, sessionId, userId };
}

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
