import type { Span } from '@opentelemetry/api';
import { afterTask } from './after-task.js';
import { listen } from '../listen.js';
import type { Instrument, Page, Stop } from './instrument.js';
import { patch } from './patch.js';
import { whenIdleOrFlushed } from './when-idle.js';

type Kind = 'push' | 'replace' | 'traverse' | 'reload';

/** The part of the Navigation API (https://developer.mozilla.org/docs/Web/API/Navigation_API) used here. */
interface Navigation extends EventTarget {
  currentEntry: { url: string | null } | null;
}

interface CurrentEntryChange extends Event {
  navigationType?: Kind | null;
}

/**
 * A span and an event `browser.navigation` for every change of route inside the document, by the Navigation API where there is
 * one, otherwise by the History API; and the event for the load itself. The span lasts until the new view is painted, and what
 * runs until then is its child, unless it belongs to something else. A change of state that leaves the URL alone is none.
 */
export function traceNavigation(): Instrument {
  return start;
}

function start(page: Page): Stop {
  let current = location.href;
  let isLoadTold = false;
  const tellLoad = () => {
    if (isLoadTold) return;
    isLoadTold = true;
    page.event('browser.navigation', {
      'url.full': page.shown(current),
      'browser.navigation.same_document': false,
      'browser.navigation.hash_change': false,
    });
  };
  const stopLoad = whenIdleOrFlushed(page, () => {
    tellLoad();
  });
  const changed = (kind: Kind, url = location.href) => {
    if (url === current) return;
    tellLoad();
    const attributes = {
      'url.full': page.shown(url),
      'browser.navigation.same_document': true,
      'browser.navigation.hash_change': url.split('#')[0] === current.split('#')[0],
      'browser.navigation.type': kind,
    };
    current = url;
    const span = page.tracer.startSpan('browser.navigation', { attributes });
    const leave = page.enter(span);
    page.event('browser.navigation', attributes);
    endAfterPaint(span, leave);
  };
  const api = (window as { navigation?: Navigation }).navigation;
  const stop = api ? watchNavigationApi(api, changed) : watchHistory(changed);
  return () => {
    stopLoad();
    stop();
  };
}

function watchNavigationApi(api: Navigation, changed: (kind: Kind, url?: string) => void): () => void {
  return listen(api, 'currententrychange', ({ navigationType }: CurrentEntryChange) => {
    // Null for updateCurrentEntry(), which navigates nowhere.
    if (navigationType) changed(navigationType, api.currentEntry?.url ?? undefined);
  });
}

function watchHistory(changed: (kind: Kind) => void): () => void {
  let stopped = false;
  const wrap = (method: 'pushState' | 'replaceState', kind: Kind) => {
    // eslint-disable-next-line @typescript-eslint/unbound-method -- called with the history as `this`
    const original = history[method];
    return patch(history, method, function (this: History, ...args: Parameters<typeof original>): void {
      original.apply(this, args);
      try {
        if (!stopped) changed(kind);
      } catch {
        // Telemetry that fails never fails the page.
      }
    });
  };
  const stops = [
    wrap('pushState', 'push'),
    wrap('replaceState', 'replace'),
    listen(window, 'popstate hashchange', () => {
      changed('traverse');
    }),
  ];
  return () => {
    stopped = true;
    for (const stop of stops) stop();
  };
}

function endAfterPaint(span: Span, leave: () => void): void {
  const end = () => {
    leave();
    span.end();
  };
  // Frames stop in a hidden page.
  if (document.visibilityState === 'hidden') afterTask(end);
  else
    requestAnimationFrame(() => {
      afterTask(end);
    });
}
