import { safeText, type SafeValue } from '@unhinged/observability-core';
import { KnownTexts } from './known-texts.js';
import { ByteWriter, SHORT_TEXT } from '../export/encode/byte-writer.js';

const QUOTE = 0x22;
const BACKSLASH = 0x5c;

/** Of a text as JSON what comes after the first quote. */
const rest = (text: string): string => JSON.stringify(safeText(text, Infinity)).slice(1);
const known = new KnownTexts((text) => Buffer.from(rest(text)));

/** JSON as UTF-8. */
export class JsonWriter extends ByteWriter {
  /** Of a text whose quote at the beginning has been written. Lone surrogates become U+FFFD. */
  textAndQuote(text: string): void {
    const stamp = known.find(text);
    if (stamp !== undefined) {
      this.stamp(stamp);
      return;
    }
    const { length } = text;
    if (length <= SHORT_TEXT) {
      this.room(length + 1);
      const { bytes, pos } = this;
      let index = 0;
      for (; index < length; index++) {
        const code = text.charCodeAt(index);
        if (code < 0x20 || code === QUOTE || code === BACKSLASH || code > 0x7e) break;
        bytes[pos + index] = code;
      }
      if (index === length) {
        bytes[pos + length] = QUOTE;
        this.pos = pos + length + 1;
        return;
      }
    }
    this.utf8(rest(text));
  }

  value(value: SafeValue): void {
    // The text of a number or a boolean is the same in JSON, and the engine remembers those of small numbers.
    if (typeof value === 'object' || typeof value === 'string') this.utf8(JSON.stringify(value));
    else this.ascii(String(value));
  }
}
