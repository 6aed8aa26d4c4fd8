import { binaryText, BYTE, doubleText, isAscii, varintText } from '../export/encode/binary-text.js';
import { writeValue } from '../export/encode/values.js';

/** Lengths of one byte. */
const SHORT = 0x80;

/**
 * A `KeyValue` of one key as field 6 (attributes of a log record), as text with a character for each byte. V8 puts texts together, and
 * writes them out in one go, faster than a loop writes bytes; what comes before a value is the same for all values of a size.
 */
export class PairText {
  private readonly front: string;
  private readonly texts: string[] = [];
  private readonly ints: string[] = [];
  private readonly booleans: readonly [string, string];
  private readonly double: string;

  constructor(key: string) {
    this.front = binaryText((writer) => {
      writer.tag(1, 2);
      writer.string(key);
      writer.tag(2, 2);
    });
    this.booleans = [`${this.head(2)}\x10\0`, `${this.head(2)}\x10\x01`];
    this.double = `${this.head(9)}\x21`;
  }

  /** The same bytes that `writeAttribute` writes. */
  of(value: unknown): string {
    switch (typeof value) {
      case 'string':
        if (this.front.length + value.length + 3 < SHORT && isAscii(value)) {
          const { length } = value;
          return (this.texts[length] ??= `${this.head(length + 2)}\n${BYTE[length] ?? ''}`) + value;
        }
        break;
      case 'boolean':
        return this.booleans[value ? 1 : 0];
      case 'number':
        if (!Number.isInteger(value)) {
          return this.double + doubleText(value);
        }
        if (value >= 0 && value < 0x8000_0000) {
          const varint = varintText(value);
          return (this.ints[varint.length] ??= `${this.head(1 + varint.length)}\x18`) + varint;
        }
        break;
      default:
    }
    const body = binaryText((writer) => {
      writeValue(writer, value);
    });
    return `2${varintText(this.front.length + body.length)}${this.front}${body}`;
  }

  /** Tag and length of the pair, key, length of the value, which is `size` bytes. */
  private head(size: number): string {
    return `2${varintText(this.front.length + varintText(size).length + size)}${this.front}${varintText(size)}`;
  }
}
