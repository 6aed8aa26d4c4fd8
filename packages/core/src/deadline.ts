/** Ends what takes too long, or what nobody waits for any more. */
export interface Deadline {
  /** Aborted when the time is over, with a `TimeoutError`, or when the outer signal is. */
  readonly signal: AbortSignal;
  /** To be called when it is no longer needed. */
  readonly done: () => void;
}

/**
 * A signal that is aborted after `ms` milliseconds, or with `outer`. In place of `AbortSignal.any` with `AbortSignal.timeout`: on Node 20 a
 * collection of garbage takes such a timeout away, and whoever waits for it waits for ever. Does not keep a process alive.
 */
export function deadline(ms: number, outer: AbortSignal): Deadline {
  const stop = new AbortController();
  const onOuter = () => {
    stop.abort(outer.reason);
  };
  if (outer.aborted) onOuter();
  outer.addEventListener('abort', onOuter, { once: true });
  const timer: unknown = setTimeout(() => {
    stop.abort(new DOMException('The operation was aborted due to timeout', 'TimeoutError'));
  }, ms);
  // Node's timers are objects.
  (timer as { unref?: () => void }).unref?.();
  return {
    signal: stop.signal,
    done: () => {
      clearTimeout(timer as never);
      outer.removeEventListener('abort', onOuter);
    },
  };
}
