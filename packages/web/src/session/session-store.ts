import { listen } from '../listen.js';
import { parseSession, type SessionState } from './session-state.js';

const KEY = 'unhinged.session';

/** Where the session outlives a page and is seen by the other tabs. */
export interface SessionStore {
  /** Undefined when there is none, when it cannot be read, or when storage is forbidden. */
  read(): SessionState | undefined;
  write(state: SessionState): void;
  /** Calls back when another tab has written. */
  onWrite(listener: () => void): () => void;
}

/**
 * The session in localStorage. Where that is denied (private mode, sandboxed frame, blocked site data, a worker) or full, nothing is
 * read, and the session lives as long as the page. No BroadcastChannel: an open one can keep a page out of the back/forward cache,
 * and `storage` events say the same.
 */
export const localSessionStore: SessionStore = {
  read() {
    try {
      return parseSession(localStorage.getItem(KEY));
    } catch {
      return undefined;
    }
  },
  write(state) {
    try {
      localStorage.setItem(KEY, JSON.stringify(state));
    } catch {
      // The session then lives as long as the page.
    }
  },
  onWrite: (listener) =>
    listen(globalThis, 'storage', ({ key }: StorageEvent) => {
      // Null: everything was cleared.
      if (key === KEY || key === null) listener();
    }),
};
