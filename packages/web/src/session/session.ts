import { goesOn, newSession, type SessionState } from './session-state.js';
import { localSessionStore, type SessionStore } from './session-store.js';

/** Between two looks at what the other tabs have written: storage is slow beside memory. */
const SYNC_MS = 1_000;

/** What a listener is told. `kept`: an error has happened in the session, here or in another tab. */
export type SessionChange =
  | { kind: 'started'; state: SessionState; before: SessionState | undefined; here: boolean }
  | { kind: 'kept'; state: SessionState };

/** The session of the user, shared by the tabs of an origin. */
export interface Session {
  /** The id, of a new session when the last one is over. Asking counts as activity, as whoever asks has something to say. */
  readonly id: () => string;
  /** Runs a function in which the session is another one: for what is told of a session that is over. */
  as(id: string, fn: () => void): void;
  /** The user did something. */
  touch(): void;
  /** Whether an error has happened in it. */
  readonly kept: boolean;
  /** Keeps the session whatever the rate, in every tab and after a reload. */
  keepBecauseOfError(): void;
  /** Called after every change; the first listeners first. Returns the way to stop it. */
  onChange(listener: (change: SessionChange) => void): () => void;
  /** Tells the listeners of the session if it began with this page: nobody could listen by then. */
  announce(): void;
  stop(): void;
}

export interface SessionOptions {
  /** A session that somebody else manages, for example the page of a worker: it is taken as it is. */
  id?: string | undefined;
  store?: SessionStore;
  /** Unix milliseconds. */
  now?: () => number;
}

/**
 * Takes up the session that goes on, or begins one, when it is first asked for: the first access to a page's storage, and the first
 * listener to it, take milliseconds, which its start can do without.
 */
export function startSession(options: SessionOptions = {}): Session {
  const { store = localSessionStore, now = Date.now, id: given } = options;
  const listeners = new Set<(change: SessionChange) => void>();
  const tell = (change: SessionChange) => {
    for (const listener of listeners) listener(change);
  };
  let state: SessionState | undefined;
  let before: SessionState | undefined;
  let isFirst = false;
  let syncAt = 0;
  let spokenOf: string | undefined;
  let unlisten: (() => void) | undefined;

  const begin = (): SessionState => {
    const at = now();
    syncAt = at + SYNC_MS;
    if (given !== undefined) return { ...newSession(at, ''), id: given };
    unlisten = store.onWrite(() => {
      adopt(now());
    });
    before = store.read();
    isFirst = !before || !goesOn(before, at);
    const begun = before && !isFirst ? { ...before, seenMs: at } : newSession(at, before?.id ?? '');
    store.write(begun);
    return begun;
  };
  const current = () => (state ??= begin());
  const become = (next: SessionState, here: boolean) => {
    const last = current();
    state = next;
    if (next.id !== last.id) tell({ kind: 'started', state: next, before: last, here });
    else if (next.kept && !last.kept) tell({ kind: 'kept', state: next });
  };
  /** What storage holds is the truth for all tabs: whoever wrote last. */
  const adopt = (at: number) => {
    const theirs = state && store.read();
    if (!state || !theirs || !goesOn(theirs, at)) return;
    const same = theirs.id === state.id;
    become(same ? { ...theirs, kept: theirs.kept || state.kept } : theirs, false);
  };
  const sync = () => {
    const at = now();
    current();
    if (at < syncAt && at >= syncAt - SYNC_MS) return;
    syncAt = at + SYNC_MS;
    if (given !== undefined) return;
    adopt(at);
    const renewed = goesOn(current(), at) ? undefined : newSession(at, current().id);
    const next = renewed ?? { ...current(), seenMs: at };
    // Before anyone is told: a listener may ask for the id, or keep the session.
    store.write(next);
    become(next, true);
  };
  return {
    id() {
      if (spokenOf !== undefined) return spokenOf;
      sync();
      return current().id;
    },
    as(id, fn) {
      spokenOf = id;
      try {
        fn();
      } finally {
        spokenOf = undefined;
      }
    },
    touch: sync,
    get kept() {
      return current().kept;
    },
    keepBecauseOfError() {
      if (current().kept) return;
      const next = { ...current(), kept: true };
      if (given === undefined) store.write(next);
      become(next, true);
    },
    onChange(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    announce() {
      const begun = current();
      if (isFirst) tell({ kind: 'started', state: begun, before, here: true });
      isFirst = false;
    },
    stop() {
      unlisten?.();
      listeners.clear();
    },
  };
}
