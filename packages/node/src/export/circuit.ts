/** Waits between attempts while the collector is away: doubled from the first to the last, each halved at most by jitter. */
const FIRST_MS = 500;
const LAST_MS = 5_000;

/**
 * Lets exports through while the collector answers; after a failure only one at a time, each later than the one before, until one
 * gets through. All waits are unref'd.
 */
export class Circuit {
  private failures = 0;
  private notBefore = 0;
  private probing = false;
  private stopped = false;
  private readonly waiting = new Set<() => void>();
  private hurry: (() => void) | undefined;

  constructor(private readonly random: () => number = Math.random) {}

  /** True while the collector is thought to be away. */
  get open(): boolean {
    return this.failures > 0;
  }

  /** Resolves when the caller may send: true; or when nobody may any more: false. Answer with {@link passed} or {@link failed}. */
  async enter(): Promise<boolean> {
    while (this.open && this.probing && !this.stopped) {
      await new Promise<void>((resolve) => this.waiting.add(resolve));
    }
    if (this.stopped) return false;
    if (!this.open) return true;
    this.probing = true;
    await this.sleep();
    // Stopped during the sleep, which the rule cannot see.
    return !(this.stopped as boolean);
  }

  passed(): void {
    this.failures = 0;
    this.wake();
  }

  /** @param afterMs The collector asked for this wait. */
  failed(afterMs = 0): void {
    // Exports that were under way together fail together: that is one failure.
    if (!this.open || this.probing) {
      this.failures += 1;
      const wait = Math.min(FIRST_MS * 2 ** (this.failures - 1), LAST_MS);
      this.notBefore = Date.now() + Math.max(wait * (0.5 + this.random() / 2), afterMs);
    } else {
      this.notBefore = Math.max(this.notBefore, Date.now() + afterMs);
    }
    this.wake();
  }

  /** Tries now instead of later, for a flush. What the collector asked for is honoured by {@link failed} again. */
  nudge(): void {
    this.hurry?.();
  }

  /** Nobody enters any more; those who wait are told. */
  stop(): void {
    this.stopped = true;
    this.nudge();
    this.wake();
  }

  private wake(): void {
    this.probing = false;
    const waiting = [...this.waiting];
    this.waiting.clear();
    for (const resolve of waiting) resolve();
  }

  private sleep(): Promise<void> {
    return new Promise((resolve) => {
      const timer = setTimeout(resolve, Math.max(0, this.notBefore - Date.now()));
      timer.unref();
      this.hurry = () => {
        clearTimeout(timer);
        resolve();
      };
    });
  }
}
