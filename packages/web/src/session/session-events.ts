import type { Page, Stop } from '../instrument/instrument.js';
import { listen } from '../listen.js';
import { whenIdleOrFlushed } from '../instrument/when-idle.js';
import type { Session } from './session.js';

/**
 * Tells of a session's beginning and of the end of the one before, as the events `session.start` and `session.end` of the semantic
 * conventions (https://opentelemetry.io/docs/specs/semconv/general/session/); only in the tab that noticed. The user's input keeps
 * the session going.
 */
export function recordSession(session: Session, page: Page): Stop {
  session.onChange((change) => {
    if (change.kind !== 'started' || !change.here) return;
    const before = change.before?.id;
    if (before !== undefined) {
      session.as(before, () => {
        page.event('session.end', {});
      });
    }
    page.event('session.start', before === undefined ? {} : { 'session.previous_id': before });
  });
  // The first event and the first listener to input are a good part of what starting costs, and the session has only just been seen.
  return whenIdleOrFlushed(page, () => {
    session.announce();
    // Of visibility changes only the one that shows the page.
    return listen(
      globalThis,
      'pointerdown keydown scroll visibilitychange',
      ({ type }: Event) => {
        if (type !== 'visibilitychange' || document.visibilityState === 'visible') session.touch();
      },
      { capture: true, passive: true },
    );
  });
}
