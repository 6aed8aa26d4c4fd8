/**
 * Flushes when the page may be about to go: `visibilitychange` fires on the document, `pagehide` on the window and nowhere
 * else. The exporters send with keepalive while the 64 KiB a browser grants last.
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
  document.addEventListener('visibilitychange', onVisibility);
  window.addEventListener('pagehide', now);
  return () => {
    document.removeEventListener('visibilitychange', onVisibility);
    window.removeEventListener('pagehide', now);
  };
}
