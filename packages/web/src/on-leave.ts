import { listen } from './listen.js';
import { safely } from './report.js';

/**
 * Calls back when the page may be about to go. `visibilitychange` fires on the document and bubbles: listened for on the window, so that
 * listeners of the document, of web-vitals for one, have said what they have to say. `pagehide` fires on the window and nowhere else.
 *
 * @param listener Is told whether the page is gone, not only hidden.
 * @returns stops listening.
 */
export function onLeave(listener: (isGone: boolean) => void): () => void {
  return listen(globalThis, 'visibilitychange pagehide', ({ type }: Event) => {
    const isGone = type === 'pagehide';
    if (!isGone && document.visibilityState !== 'hidden') return;
    safely(() => {
      listener(isGone);
    }, 'What waits could not be sent.');
  });
}
