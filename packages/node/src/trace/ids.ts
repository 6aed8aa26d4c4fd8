import { randomFillSync } from 'node:crypto';

/** Hex digits of one filling: 64 traces with 6 spans each. */
const DIGITS = 8_192;
const bytes = Buffer.alloc(DIGITS / 2);
let text = '';
let at = 0;

/** 32 random lowercase hex digits. */
export function newTraceId(): string {
  return digits(32);
}

/** 16 random lowercase hex digits. */
export function newSpanId(): string {
  return digits(16);
}

// From the system's generator, for many ids at once: a call, and hex digits, for each one cost more than a tenth of a span that is left out.
function digits(count: number): string {
  if (at + count > text.length) {
    text = randomFillSync(bytes).toString('hex');
    at = 0;
  }
  const id = text.slice(at, at + count);
  at += count;
  return id;
}
