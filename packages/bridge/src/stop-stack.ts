/** What has started, stopped in reverse. Safe to stop more than once. */
export class StopStack {
  readonly #stops: (() => Promise<void>)[] = [];
  #stopped: Promise<void> | undefined;

  add(stop: () => Promise<void>): void {
    this.#stops.push(stop);
  }

  /** Runs every stop, also after one failed; then rejects with the first failure. */
  stop(): Promise<void> {
    return (this.#stopped ??= this.#stopAll());
  }

  async #stopAll(): Promise<void> {
    const failures: unknown[] = [];
    for (const stop of this.#stops.reverse()) {
      try {
        await stop();
      } catch (error) {
        failures.push(error);
      }
    }
    if (failures.length > 0) throw failures[0];
  }
}

/** Runs `start`; when it fails, stops what had started before and passes the failure on. */
export async function startOrStop<T>(start: (stack: StopStack) => Promise<T>): Promise<T> {
  const stack = new StopStack();
  try {
    return await start(stack);
  } catch (error) {
    // The reason of the failed start is worth more than that of a failed stop.
    await stack.stop().catch(() => undefined);
    throw error;
  }
}
