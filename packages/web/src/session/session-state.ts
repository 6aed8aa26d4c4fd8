import { randomHex } from '../random-hex.js';

/** A session ends when nothing has happened for this long… */
export const IDLE_MS = 15 * 60_000;
/** …and in any case after this long (both as Faro, Datadog and Splunk have it). */
export const LONGEST_MS = 4 * 3_600_000;
/** Tabs share one clock, but it may be set back a little between two readings. */
const CLOCK_SLACK_MS = 60_000;

/** What tabs share of a session. */
export interface SessionState {
  /** 32 random lowercase hex digits. */
  readonly id: string;
  /** Of the session that this one goes on from; empty for the first. */
  readonly previousId: string;
  /** Unix milliseconds. */
  readonly startedMs: number;
  readonly seenMs: number;
  /** An error happened in it: it is kept, whatever the rate. */
  readonly kept: boolean;
}

/** 32 lowercase hex digits. */
export const isSessionId = (value: unknown): value is string =>
  typeof value === 'string' && /^[0-9a-f]{32}$/.test(value);

export const newSession = (now: number, previousId: string): SessionState => ({
  id: randomHex(32),
  previousId,
  startedMs: now,
  seenMs: now,
  kept: false,
});

/** Whether the session goes on. One that began in the future is of a clock that was wrong. */
export const goesOn = ({ startedMs, seenMs }: SessionState, now: number): boolean =>
  now - seenMs < IDLE_MS && now - startedMs < LONGEST_MS && startedMs <= now + CLOCK_SLACK_MS;

/** Reads what a tab has written; undefined for anything that is not whole. */
export function parseSession(text: string | null | undefined): SessionState | undefined {
  try {
    const { id, previousId, startedMs, seenMs, kept } = JSON.parse(text ?? '') as Record<string, unknown>;
    if (!isSessionId(id) || !isTime(startedMs) || !isTime(seenMs)) return undefined;
    const previous = isSessionId(previousId) ? previousId : '';
    return { id, previousId: previous, startedMs, seenMs, kept: kept === true };
  } catch {
    return undefined;
  }
}

const isTime = (value: unknown): value is number => typeof value === 'number' && Number.isFinite(value);
