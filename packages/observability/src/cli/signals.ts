import { Failure, toFailure } from './failure.js';

/**
 * Resolves at the first SIGINT, SIGTERM or SIGHUP, or when `ended` settles. The second signal ends the process at once, for
 * whoever has waited enough.
 */
export function untilStopped(ended?: Promise<unknown>): Promise<void> {
  return new Promise((resolve, reject) => {
    let stopping = false;
    const onSignal = (signal: NodeJS.Signals) => {
      if (stopping) {
        console.error(`${signal} again: stopping at once.`);
        process.exit(1);
      }
      stopping = true;
      resolve();
    };
    for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, onSignal);
    ended?.then(() => {
      resolve();
    }, reject);
  });
}

/** Runs what has to happen before the process ends, and ends it: a library's timer must not keep a stopped command alive. */
export async function stopAndExit(stop: () => Promise<unknown>): Promise<never> {
  let failure: Failure | undefined;
  try {
    await stop();
  } catch (error) {
    failure = toFailure(error);
    console.error(`unhinged: stopping failed: ${failure.message}`);
  }
  process.exit(failure?.exitCode ?? 0);
}
