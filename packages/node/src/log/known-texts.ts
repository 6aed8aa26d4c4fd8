import { Stamp } from '../export/encode/byte-writer.js';

/** Shorter ones are written as fast as they are found. */
const MIN = 12;
const MAX = 256;
const PLACES = 256;
/** A line may have a text twice, as metadata and as an id. */
const TIMES = 3;

/**
 * Texts that come again and again, such as messages and routes, as bytes: copied, where others are looked at character by character.
 * Each has one place, where the last that came is known; those that differ each time cost little more than a look.
 */
export class KnownTexts {
  private readonly texts: string[] = Array.from({ length: PLACES }, () => '');
  private readonly times = new Uint8Array(PLACES);
  private readonly stamps: (Stamp | undefined)[] = Array.from({ length: PLACES }, () => undefined);

  constructor(private readonly encode: (text: string) => Uint8Array) {}

  /** Undefined for a text that is not known, or not yet. */
  find(text: string): Stamp | undefined {
    const { length } = text;
    if (length < MIN || length > MAX) return undefined;
    const hash = (length * 31 + text.charCodeAt(length >> 1)) * 31 + text.charCodeAt(length - 3);
    const place = hash & (PLACES - 1);
    if (this.texts[place] === text) return this.stamps[place] ?? this.learn(text, place);
    this.texts[place] = text;
    this.times[place] = 1;
    this.stamps[place] = undefined;
    return undefined;
  }

  private learn(text: string, place: number): Stamp | undefined {
    const times = (this.times[place] ?? 0) + 1;
    this.times[place] = times;
    if (times < TIMES) return undefined;
    return (this.stamps[place] = new Stamp(this.encode(text)));
  }
}
