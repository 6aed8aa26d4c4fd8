import {
  ATTR_COMPONENT,
  ATTR_DESTINATIONS,
  ATTR_LAKE_RATE,
  ID_ATTRIBUTES,
  type KnownKey,
} from '@unhinged/observability-core';
import { Stamp } from '../export/encode/byte-writer.js';
import { ProtoWriter } from '../export/encode/proto-writer.js';

const OURS = new Set<string>([
  ATTR_COMPONENT,
  ATTR_DESTINATIONS,
  ATTR_LAKE_RATE,
  ...Object.values(ID_ATTRIBUTES),
]);

/** A key of metadata as the two encoders of a line write it. */
export class KeyBytes {
  /** `,"key":` */
  readonly json: Stamp;
  /** The same with the quote that begins a text. */
  readonly jsonText: Stamp;
  /** Of a `KeyValue`, field 6 of a log record: tag, a byte for the length, key, tag of the value. */
  readonly pair: Stamp;
  /** Whether the attribute is ours, only the end of the line tells. */
  readonly isMaybeOurs: boolean;
  /** The text that came last, how many times in a row, and its pair once it is known to stay. */
  last: string | undefined;
  times = 0;
  lastPair: Stamp | undefined;

  constructor(readonly name: string) {
    const key = `,${JSON.stringify(name)}:`;
    this.json = new Stamp(Buffer.from(key));
    this.jsonText = new Stamp(Buffer.from(`${key}"`));
    const writer = new ProtoWriter(64);
    writer.tag(6, 2);
    writer.byte(0);
    writer.tag(1, 2);
    writer.string(name);
    writer.tag(2, 2);
    this.pair = new Stamp(writer.written());
    this.isMaybeOurs = OURS.has(name);
  }
}

export function keyBytes(key: KnownKey): KeyBytes {
  return (key.encoded ??= new KeyBytes(key.name)) as KeyBytes;
}
