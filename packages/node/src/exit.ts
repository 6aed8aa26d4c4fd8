/** Longest time that a signal or the natural end of the program waits for the collector. */
export const EXIT_FLUSH_MS = 2_000;

const SIGNALS: readonly NodeJS.Signals[] = ['SIGTERM', 'SIGINT'];

/** Resolves when `work` settles or `ms` have passed, whichever is first. Never rejects; leaves no timer. */
export async function within(ms: number, work: Promise<unknown>): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  const deadline = new Promise<void>((resolve) => {
    // Not unref'd: on a signal nothing else may be left to keep the loop turning until the flush is over.
    timer = setTimeout(resolve, ms);
  });
  await Promise.race([work.catch(() => undefined), deadline]);
  clearTimeout(timer);
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
    void within(EXIT_FLUSH_MS, flush());
  };
  const stop = () => {
    for (const signal of SIGNALS) process.off(signal, onSignal);
    process.off('beforeExit', onBeforeExit);
  };
  for (const signal of SIGNALS) process.prependListener(signal, onSignal);
  process.on('beforeExit', onBeforeExit);
  return stop;
}
