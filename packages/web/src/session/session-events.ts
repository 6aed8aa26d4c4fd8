import type { Page, Stop } from '../instrument/instrument.js';
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
  // The first event is a good part of what starting costs.
  const unlisten = whenIdleOrFlushed(page, () => {
    session.announce();
  });
  const touch = () => {
    session.touch();
  };
  const onVisible = () => {
    if (document.visibilityState === 'visible') touch();
  };
  const options = { capture: true, passive: true };
  for (const type of INPUT) globalThis.addEventListener(type, touch, options);
  globalThis.addEventListener('visibilitychange', onVisible, options);
  return () => {
    unlisten();
    for (const type of INPUT) globalThis.removeEventListener(type, touch, options);
    globalThis.removeEventListener('visibilitychange', onVisible, options);
  };
}

const INPUT = ['pointerdown', 'keydown', 'scroll'];
