import { isError } from '../error-info.js';
import { isPlainText, safeText } from '../json-text.js';
import { SafePass } from '../safe-pass.js';
import type { KeyRedaction } from '../key-redaction.js';

const MAX_MESSAGE = 16_384;

/** What a call of a logger was given: which of the arguments is the error, and which the metadata. */
export function splitArguments(
  message: unknown,
  first: unknown,
  second: unknown,
): { error: unknown; metadata: object | undefined } {
  if (isError(message)) return { error: message, metadata: asObject(first) };
  if (second !== undefined) return { error: first, metadata: asObject(second) };
  if (isError(first)) return { error: first, metadata: undefined };
  const metadata = asObject(first);
  // A thrown string or number stands where an error does.
  return metadata || first === undefined || first === null
    ? { error: undefined, metadata }
    : { error: first, metadata };
}

/** Any value as the text of a message: bounded, and what UTF-8 can carry. */
export function messageText(message: unknown, redaction: KeyRedaction): string {
  if (typeof message === 'string') return isPlainText(message) ? message : safeText(message, MAX_MESSAGE);
  if (isError(message)) return safeText(message.message, MAX_MESSAGE);
  const safe = new SafePass({ redaction }).top(message);
  if (typeof safe === 'string') return safe;
  return safe === undefined ? typeof message : safeText(JSON.stringify(safe), MAX_MESSAGE);
}

const asObject = (value: unknown): object | undefined =>
  typeof value === 'object' && value !== null ? value : undefined;
