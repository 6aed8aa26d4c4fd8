import { safeText, type SafeValue } from '@unhinged/observability-core';
import { SHORT_TEXT, type ByteWriter } from '../export/encode/byte-writer.js';
import { KnownTexts } from './known-texts.js';

const QUOTE = 0x22;
const BACKSLASH = 0x5c;

/** Of a text as JSON what comes after the first quote. */
const rest = (text: string): string => JSON.stringify(safeText(text, Infinity)).slice(1);
const known = new KnownTexts((text) => Buffer.from(rest(text)));

/** Writes a text as JSON whose quote at the beginning has been written. Lone surrogates become U+FFFD. */
export function writeTextAndQuote(writer: ByteWriter, text: string): void {
  const stamp = known.find(text);
  if (stamp !== undefined) {
    writer.stamp(stamp);
    return;
  }
  const { length } = text;
  if (length <= SHORT_TEXT) {
    writer.room(length + 1);
    const { bytes, pos } = writer;
    let index = 0;
    for (; index < length; index++) {
      const code = text.charCodeAt(index);
      if (code < 0x20 || code === QUOTE || code === BACKSLASH || code > 0x7e) break;
      bytes[pos + index] = code;
    }
    if (index === length) {
      bytes[pos + length] = QUOTE;
      writer.pos = pos + length + 1;
      return;
    }
  }
  writer.utf8(rest(text));
}

/** Writes any other value as JSON. */
export function writeJson(writer: ByteWriter, value: Exclude<SafeValue, string>): void {
  // The text of a number or a boolean is the same in JSON, and the engine remembers those of small numbers.
  if (typeof value === 'object') writer.utf8(JSON.stringify(value));
  else writer.ascii(String(value));
}
