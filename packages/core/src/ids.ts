import { murmur3 } from './murmur3.js';

/**
 * UUIDv7 (RFC 9562 §5.7): 48 bits of Unix milliseconds, then a counter of 26 bits that starts anywhere in its lower half and
 * steps by one within a millisecond (§6.2 method 1), then 48 random bits. Ids made by one process in the same millisecond,
 * or later, sort after earlier ones; the counter cannot overflow below 33 million ids a millisecond.
 */
export function uuidv7(nowMs: number = Date.now()): string {
  const ms = Math.min(Math.max(Math.floor(nowMs), 0) || 0, 0xffff_ffff_ffff);
  if (ms !== lastMs) {
    lastMs = ms;
    const time = ms.toString(16).padStart(12, '0');
    prefix = `${time.slice(0, 8)}-${time.slice(8)}-`;
    counter = (randomWord() & 0x1ff_ffff) >>> 0;
    head = upperHalf();
  } else if ((++counter & 0xff) === 0) head = upperHalf();
  const first = randomWord();
  const second = randomWord();
  return (
    `${head}${byte(counter)}-${byte(first >>> 24)}${byte(first >>> 16)}${byte(first >>> 8)}` +
    `${byte(first)}${byte(second >>> 8)}${byte(second)}`
  );
}

/** All but the last byte of the counter: the same for 256 ids in a row. */
const upperHalf = (): string =>
  `${prefix}${byte(0x70 | (counter >>> 22))}${byte(counter >>> 14)}-${byte(0x80 | ((counter >>> 8) & 0x3f))}`;

/**
 * The same parts always give the same id, so that reading a Kafka batch twice gives its events the same ids: UUIDv8
 * (RFC 9562 §5.8) over MurmurHash3_x86_128 (seed 0) of the UTF-8 of the parts joined with NUL. Not for secrets.
 */
export function deriveEventId(...parts: readonly (string | number | bigint)[]): string {
  const [a, b, c, d] = murmur3(new TextEncoder().encode(parts.join('\u0000')));
  const hex = hex8(a) + hex8((b & 0xffff0fff) | 0x8000) + hex8((c & 0x3fffffff) | 0x80000000) + hex8(d);
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-${hex.slice(12, 16)}-${hex.slice(16, 20)}-${hex.slice(20)}`;
}

/**
 * Numbers of one emitter, that is of one process start: 1, 2, 3… A reader that misses a number has missed an event. Never a
 * clock reading.
 */
export class Sequence {
  /** UUIDv7. */
  readonly emitterId: string = uuidv7();
  #last = 0n;

  next(): bigint {
    return ++this.#last;
  }
}

let lastMs = -1;
let prefix = '';
let head = '';
let counter = 0;

// One call to the system's generator serves 256 words: asking it for each id costs more than all the rest.
const pool = new Uint32Array(256);
let used = pool.length;

function randomWord(): number {
  if (used === pool.length) {
    crypto.getRandomValues(pool);
    used = 0;
  }
  return pool[used++] ?? 0;
}

// Looking a byte up is several times faster than formatting a number.
const bytes = Array.from({ length: 256 }, (_, index) => index.toString(16).padStart(2, '0'));
const byte = (word: number): string => bytes[word & 0xff] ?? '';

const hex8 = (word: number): string => (word >>> 0).toString(16).padStart(8, '0');
