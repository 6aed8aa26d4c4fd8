/** Longest time that a signal or the natural end of the program waits for the collector. */
export const EXIT_FLUSH_MS = 2_000;

const SIGNALS: readonly NodeJS.Signals[] = ['SIGTERM', 'SIGINT'];

/** Timers of flushes that somebody waits for: the only handles of ours that hold the process. */
const holds = new Set<NodeJS.Timeout>();

/** True when `work` settled before `ms` had passed; until then the process is held. Never rejects; leaves no timer. */
export async function within(ms: number, work: Promise<unknown>): Promise<boolean> {
  let resolveDeadline: (inTime: boolean) => void = () => undefined;
  const deadline = new Promise<boolean>((resolve) => {
    resolveDeadline = resolve;
  });
  // Not unref'd: nothing else may be left to keep the loop turning until the flush is over.
  const timer = setTimeout(resolveDeadline, ms, false);
  holds.add(timer);
  const settled = work.then(
    () => true,
    () => true,
  );
  const inTime = await Promise.race([settled, deadline]);
  clearTimeout(timer);
  holds.delete(timer);
  return inTime;
}

/**
 * Flushes on SIGTERM, SIGINT and `beforeExit`, each for at most {@link EXIT_FLUSH_MS}. A signal then takes its default course
 * (the process dies by that signal), unless the host listens for it too: then ending is the host's affair.
 * Returns the way to stop listening.
 *
 * @param end What else happens when the program is over: `away` resolves when the collector is not there, then nobody waits longer;
 *   `letGo` is called when not everything has left: nothing may hold the process any more; `lastly` just before a signal ends
 *   it, as there is no event `exit` then.
 */
export function flushOnExit(
  flush: () => Promise<void>,
  end: { away: () => Promise<void>; letGo: () => void; lastly?: () => void },
): () => void {
  const onSignal = (signal: NodeJS.Signals) => {
    // Asked now, before a `once` listener of the host has been taken off by being called.
    const hostListens = process.listeners(signal).some((listener) => listener !== onSignal);
    void within(EXIT_FLUSH_MS, flush()).then(() => {
      if (hostListens) return;
      stop();
      end.lastly?.();
      process.kill(process.pid, signal);
    });
  };
  let flushedAtEnd = false;
  const onBeforeExit = () => {
    // The flush itself makes the loop turn again, and `beforeExit` come again.
    if (flushedAtEnd) return;
    flushedAtEnd = true;
    let flushed = false;
    const away = end.away();
    const flushing = flush().finally(() => {
      flushed = true;
    });
    void within(EXIT_FLUSH_MS, Promise.race([flushing, away])).then(() => {
      if (flushed) return;
      for (const timer of holds) timer.unref();
      end.letGo();
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
