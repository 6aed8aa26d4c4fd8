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

const ID = /^[0-9a-f]{32}$/;

/** 32 random lowercase hex digits. */
export const randomId = (): string =>
  Array.from(crypto.getRandomValues(new Uint8Array(16)), (byte) => byte.toString(16).padStart(2, '0')).join(
    '',
  );

export const newSession = (now: number, previousId: string): SessionState => ({
  id: randomId(),
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
    if (typeof id !== 'string' || !ID.test(id) || !isTime(startedMs) || !isTime(seenMs)) return undefined;
    const previous = typeof previousId === 'string' && ID.test(previousId) ? previousId : '';
    return { id, previousId: previous, startedMs, seenMs, kept: kept === true };
  } catch {
    return undefined;
  }
}

const isTime = (value: unknown): value is number => typeof value === 'number' && Number.isFinite(value);
