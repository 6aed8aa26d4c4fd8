/** Waits between attempts while the collector is away: doubled from the first to the last, each halved at most by jitter. */
const FIRST_MS = 500;
const LAST_MS = 5_000;

/** How one export got through: while all do, or as the only one that tries. */
export type Pass = 'free' | 'probe';

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

  /** Resolves when the caller may send; undefined when nobody may any more. Tell {@link passed} or {@link failed} what came of it. */
  async enter(): Promise<Pass | undefined> {
    while (this.open && this.probing && !this.stopped) {
      await new Promise<void>((resolve) => this.waiting.add(resolve));
    }
    if (this.stopped) return undefined;
    if (!this.open) return 'free';
    this.probing = true;
    await this.sleep();
    return this.isStopped() ? undefined : 'probe';
  }

  passed(pass: Pass): void {
    this.failures = 0;
    if (pass === 'probe') this.probing = false;
    // One that set out before the others failed got through: nobody needs to wait.
    else this.nudge();
    this.wake();
  }

  /** @param afterMs The collector asked for this wait. */
  failed(pass: Pass, afterMs = 0): void {
    if (pass === 'probe' || !this.open) {
      this.failures += 1;
      const wait = Math.min(FIRST_MS * 2 ** (this.failures - 1), LAST_MS);
      this.notBefore = Date.now() + Math.max(wait * (0.5 + this.random() / 2), afterMs);
    } else {
      // Exports that were under way together fail together: that is one failure.
      this.notBefore = Math.max(this.notBefore, Date.now() + afterMs);
    }
    if (pass !== 'probe') return;
    this.probing = false;
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

  // A method, since control flow analysis does not see that it changes during an await.
  private isStopped(): boolean {
    return this.stopped;
  }

  private wake(): void {
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
