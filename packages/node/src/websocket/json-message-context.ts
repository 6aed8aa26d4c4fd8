import type { MessageContext } from './options.js';

const MEMBER = '_trace';
/** Longer texts are not parsed for the sake of a trace. */
const MAX_TEXT = 64 * 1024;

/** Puts trace context into the member `_trace` of messages that are JSON objects; others stay as they are, and go without. */
export const jsonMessageContext: MessageContext = {
  extract: (data) => {
    const text = textOf(data);
    if (text?.includes(`"${MEMBER}"`) !== true) return undefined;
    const carried = parse(text)?.[MEMBER];
    if (!isObject(carried)) return undefined;
    const headers = Object.entries(carried).filter(
      (entry): entry is [string, string] => typeof entry[1] === 'string',
    );
    return Object.fromEntries(headers);
  },
  inject: (data, headers) => {
    const text = textOf(data);
    if (text === undefined) return data;
    const message = parse(text);
    return message === undefined || MEMBER in message
      ? data
      : JSON.stringify({ ...message, [MEMBER]: headers });
  },
};

function textOf(data: unknown): string | undefined {
  const text = typeof data === 'string' ? data : Buffer.isBuffer(data) ? data.toString() : undefined;
  return text !== undefined && text.length <= MAX_TEXT && text.trimStart().startsWith('{') ? text : undefined;
}

function parse(text: string): Record<string, unknown> | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return isObject(value) ? value : undefined;
  } catch {
    return undefined;
  }
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
