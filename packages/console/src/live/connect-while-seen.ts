import type { LiveConnection } from './connection.js';

/** A glance at another tab is not worth a new connection. */
const HIDDEN_MS = 30_000;

/**
 * Keeps `connection` open while the page is seen. Over HTTP/1.1 a browser has six connections to one server for all tabs together:
 * six forgotten tabs would leave none for the seventh. An open stream also keeps a page out of the back-forward cache.
 */
export function connectWhileSeen(connection: LiveConnection): void {
  let stop: (() => void) | undefined;
  let timer: ReturnType<typeof setTimeout> | undefined;
  const open = (): void => {
    clearTimeout(timer);
    stop ??= connection.start();
  };
  const close = (): void => {
    clearTimeout(timer);
    stop?.();
    stop = undefined;
  };
  document.addEventListener('visibilitychange', () => {
    if (document.hidden) timer = setTimeout(close, HIDDEN_MS);
    else open();
  });
  window.addEventListener('pagehide', close);
  window.addEventListener('pageshow', open);
  open();
}
