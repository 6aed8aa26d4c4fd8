export interface WatermarkState {
  /** Null before the first event. */
  watermarkMs: number | null;
  /** By the clock, when events last came. */
  activeMs: number | null;
  hasNew: boolean;
}

/**
 * How far event time is complete: `delayMs` behind the newest event. While nothing comes, it follows the clock at a distance of
 * `delayMs + idleMs`, so that windows close without further events. It never goes back.
 */
export class Watermark {
  readonly #delayMs: number;
  readonly #idleMs: number;
  #watermarkMs: number | null = null;
  #activeMs: number | null = null;
  #hasNew = false;

  constructor(delayMs: number, idleMs: number, state?: WatermarkState) {
    this.#delayMs = delayMs;
    this.#idleMs = idleMs;
    if (!state) return;
    this.#watermarkMs = state.watermarkMs;
    this.#activeMs = state.activeMs;
    this.#hasNew = state.hasNew;
  }

  /** Null before the first event: with nothing to close, nothing is complete. */
  get ms(): number | null {
    return this.#watermarkMs;
  }

  seeEvent(eventMs: number): void {
    this.#hasNew = true;
    this.#raise(eventMs - this.#delayMs);
  }

  seeClock(nowMs: number): void {
    if (this.#hasNew || this.#activeMs === null) {
      this.#hasNew = false;
      this.#activeMs = nowMs;
    }
    if (this.#watermarkMs !== null && nowMs - this.#activeMs >= this.#idleMs) {
      this.#raise(nowMs - this.#delayMs - this.#idleMs);
    }
  }

  toJSON(): WatermarkState {
    return { watermarkMs: this.#watermarkMs, activeMs: this.#activeMs, hasNew: this.#hasNew };
  }

  #raise(ms: number): void {
    if (this.#watermarkMs === null || ms > this.#watermarkMs) this.#watermarkMs = ms;
  }
}
