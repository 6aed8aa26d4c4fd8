import { randomHexes } from '../random-hex.js';

const firstDigits = randomHexes(18);

/**
 * An id whose last 14 hex digits, the 56 bits that samplers go by, are those of the session: other tiers then keep all of a session's
 * traces or none, without a `tracestate` header that foreign servers would have to allow. The first 72 bits are random, which is enough
 * for the traces of one session.
 */
export const newTraceId = (sessionId: string): string => firstDigits() + sessionId.slice(-14);

export const newSpanId = randomHexes(16);
