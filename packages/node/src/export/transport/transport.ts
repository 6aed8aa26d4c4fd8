/** What became of one attempt to deliver a request. */
export type Answer =
  /** Taken; `rejected` of its records were refused, for the reason in `message` (partial success). */
  | { outcome: 'accepted'; rejected: number; message: string }
  /** Not now: again later, and not before `afterMs` when the collector named a time. */
  | { outcome: 'retry'; message: string; afterMs?: number }
  /** Larger than the collector takes. */
  | { outcome: 'too_large'; message: string }
  /** Never: sending it again would not help. */
  | { outcome: 'refused'; message: string };

/** One way to hand an encoded export request to a collector. Keeps no process alive. */
export interface Transport {
  /** One attempt, within the configured timeout. Never rejects. */
  send(body: Uint8Array): Promise<Answer>;
  /** Gives up its sends under way, and the connection when nobody else uses it; a later `send` connects again. */
  disconnect(): void;
}

/** Longest wait that a collector may ask for: a mistaken hour must not stop telemetry for an hour. */
export const MAX_RETRY_AFTER_MS = 60_000;
