import { murmur3 } from './murmur3.js';

/**
 * UUIDv7 (RFC 9562 §5.7): 48 bits of Unix milliseconds, then a counter of 26 bits that starts anywhere in its lower half and
 * steps by one within a millisecond (§6.2 method 1), then 48 random bits. Ids made by one process in the same millisecond,
 * or later, sort after earlier ones; the counter cannot overflow below 33 million ids a millisecond.
 */
export function uuidv7(nowMs: number = Date.now()): string {
  const ms = Math.min(Math.max(Math.floor(nowMs), 0) || 0, 0xffff_ffff_ffff);
  if (ms === lastMs) {
    counter++;
  } else {
    lastMs = ms;
    counter = (randomWord() & 0x1ff_ffff) >>> 0;
  }
  const time = ms.toString(16).padStart(12, '0');
  const high = ((counter >>> 14) & 0xfff).toString(16).padStart(3, '0');
  const low = (0x8000 | (counter & 0x3fff)).toString(16);
  const tail = hex8(randomWord()) + hex8(randomWord()).slice(4);
  return `${time.slice(0, 8)}-${time.slice(8)}-7${high}-${low}-${tail}`;
}

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
let counter = 0;

// One call to the system's generator serves 64 words: asking it for each id costs more than all the rest.
const pool = new Uint32Array(64);
let used = pool.length;

function randomWord(): number {
  if (used === pool.length) {
    crypto.getRandomValues(pool);
    used = 0;
  }
  return pool[used++] ?? 0;
}

const hex8 = (word: number): string => (word >>> 0).toString(16).padStart(8, '0');
