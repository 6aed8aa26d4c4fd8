/**
 * Flushes when the page may be about to go: `visibilitychange` fires on the document and bubbles, `pagehide` on
 * the window and nowhere else. The exporters send with keepalive while the 64 KiB a browser grants last.
 *
 * @returns stops listening.
 */
export function flushOnHide(flush: () => Promise<void>): () => void {
  const now = () => {
    flush().catch(() => undefined);
  };
  const onVisibility = () => {
    if (document.visibilityState === 'hidden') now();
  };
  // Where it bubbles to: listeners of the document, of web-vitals for one, still have something to add.
  globalThis.addEventListener('visibilitychange', onVisibility);
  globalThis.addEventListener('pagehide', now);
  return () => {
    globalThis.removeEventListener('visibilitychange', onVisibility);
    globalThis.removeEventListener('pagehide', now);
  };
}
