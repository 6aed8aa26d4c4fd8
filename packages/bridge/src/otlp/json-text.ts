/** JSON text that cannot be taken; the message says where. */
export class JsonError extends Error {
  override readonly name = 'JsonError';
}

/** Deep enough for 32 nested values in a span's event, four JSON levels each. */
export const MAX_JSON_DEPTH = 160;

const decoder = new TextDecoder('utf-8', { fatal: true });

/**
 * JSON text → value, safe for input from the network: the depth is checked before `JSON.parse` runs, and whole numbers of
 * more than 15 digits come out as strings, where `JSON.parse` would round the nanoseconds of a timestamp.
 *
 * @throws JsonError when the bytes are not UTF-8, not JSON, or nested more than {@link MAX_JSON_DEPTH} deep.
 */
export function parseJson(bytes: Uint8Array): unknown {
  let text: string;
  try {
    text = decoder.decode(bytes);
  } catch {
    throw new JsonError('the body is not UTF-8');
  }
  const guarded = guard(text);
  try {
    return JSON.parse(guarded);
  } catch (error) {
    throw new JsonError(`the body is not JSON: ${error instanceof Error ? error.message : String(error)}`);
  }
}

const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const MINUS = 0x2d;

// By hand: a regular expression over a string of megabytes exhausts the stack of the engine.
function guard(text: string): string {
  let depth = 0;
  let result = '';
  let copied = 0;
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i);
    if (code === QUOTE) {
      i = endOfString(text, i);
    } else if (code === 0x7b || code === 0x5b) {
      if (++depth > MAX_JSON_DEPTH) {
        throw new JsonError(`the body nests more than ${MAX_JSON_DEPTH} levels deep, at character ${i}`);
      }
    } else if (code === 0x7d || code === 0x5d) {
      depth--;
    } else if (code === MINUS || isDigit(code)) {
      const start = i;
      let digits = code === MINUS ? 0 : 1;
      while (isDigit(text.charCodeAt(i + 1))) {
        i++;
        digits++;
      }
      // A fraction or exponent makes it a double, which JSON.parse reads as precisely as one can be.
      const isInteger = !'.eE'.includes(text.charAt(i + 1) || ' ');
      if (digits > 15 && isInteger) {
        result += `${text.slice(copied, start)}"${text.slice(start, i + 1)}"`;
        copied = i + 1;
      }
      while (isPartOfNumber(text.charCodeAt(i + 1))) i++;
    }
  }
  return copied === 0 ? text : result + text.slice(copied);
}

/** Index of the quote that ends the string which begins at `start`; the last index when none does. */
function endOfString(text: string, start: number): number {
  for (let end = text.indexOf('"', start + 1); end !== -1; end = text.indexOf('"', end + 1)) {
    let backslashes = 0;
    while (text.charCodeAt(end - 1 - backslashes) === BACKSLASH) backslashes++;
    if (backslashes % 2 === 0) return end;
  }
  return text.length - 1;
}

const isDigit = (code: number) => code >= 0x30 && code <= 0x39;
/** Digits, `.`, `e`, `E`, `+` and `-`. */
const isPartOfNumber = (code: number) =>
  isDigit(code) || code === 0x2e || (code | 0x20) === 0x65 || code === 0x2b || code === MINUS;
