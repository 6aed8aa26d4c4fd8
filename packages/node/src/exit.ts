/** Longest time that a signal or the natural end of the program waits for the collector. */
export const EXIT_FLUSH_MS = 2_000;

const SIGNALS: readonly NodeJS.Signals[] = ['SIGTERM', 'SIGINT'];

/** True when `work` settled before `ms` had passed. Never rejects; leaves no timer. */
export async function within(ms: number, work: Promise<unknown>): Promise<boolean> {
  let timer: NodeJS.Timeout | undefined;
  const deadline = new Promise<boolean>((resolve) => {
    // Not unref'd: on a signal nothing else may be left to keep the loop turning until the flush is over.
    timer = setTimeout(resolve, ms, false);
  });
  const settled = work.then(
    () => true,
    () => true,
  );
  const inTime = await Promise.race([settled, deadline]);
  clearTimeout(timer);
  return inTime;
}

/**
 * Flushes on SIGTERM, SIGINT and `beforeExit`, each for at most {@link EXIT_FLUSH_MS}. A signal then takes its default course
 * (the process dies by that signal), unless the host listens for it too: then ending is the host's affair.
 * Returns the way to stop listening.
 */
export function flushOnExit(flush: () => Promise<void>): () => void {
  const onSignal = (signal: NodeJS.Signals) => {
    // Asked now, before a `once` listener of the host has been taken off by being called.
    const hostListens = process.listeners(signal).some((listener) => listener !== onSignal);
    void within(EXIT_FLUSH_MS, flush()).then(() => {
      if (hostListens) return;
      stop();
      process.kill(process.pid, signal);
    });
  };
  let flushedAtEnd = false;
  const onBeforeExit = () => {
    // The flush itself makes the loop turn again, and `beforeExit` come again.
    if (flushedAtEnd) return;
    flushedAtEnd = true;
    void within(EXIT_FLUSH_MS, flush()).then((inTime) => {
      // The program is over, only an export is not: the stock exporters hold the process for another 8 s of retries. Not
      // done when somebody else has work to do at the end, too.
      if (!inTime && process.listenerCount('beforeExit') === 1) process.exit();
    });
  };
  const stop = () => {
    for (const signal of SIGNALS) process.off(signal, onSignal);
    process.off('beforeExit', onBeforeExit);
  };
  for (const signal of SIGNALS) process.prependListener(signal, onSignal);
  process.on('beforeExit', onBeforeExit);
  return stop;
}
