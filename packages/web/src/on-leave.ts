import { listen } from './listen.js';
import { reportProblem } from './report.js';

/**
 * Calls back when the page may be about to go. `visibilitychange` fires on the document and bubbles: listened for on the window, so that
 * listeners of the document, of web-vitals for one, have said what they have to say. `pagehide` fires on the window and nowhere else.
 *
 * @returns stops listening.
 */
export function onLeave(listener: () => void): () => void {
  return listen(globalThis, 'visibilitychange pagehide', ({ type }: Event) => {
    if (type !== 'pagehide' && document.visibilityState !== 'hidden') return;
    try {
      listener();
    } catch (error) {
      reportProblem('What waits could not be sent.', error);
    }
  });
}
