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

/** Takes up the session that goes on, or begins one. */
export function startSession(options: SessionOptions = {}): Session {
  const { store = localSessionStore, now = Date.now, id: given } = options;
  const listeners = new Set<(change: SessionChange) => void>();
  const tell = (change: SessionChange) => {
    for (const listener of listeners) listener(change);
  };
  const stored = given === undefined ? store.read() : undefined;
  const goingOn = stored && goesOn(stored, now()) ? stored : undefined;
  const first = goingOn ?? newSession(now(), stored?.id ?? '');
  let state: SessionState = given === undefined ? first : { ...first, id: given };
  let isFirst = goingOn === undefined && given === undefined;
  let syncAt = 0;
  let spokenOf: string | undefined;

  const become = (next: SessionState, here: boolean) => {
    const before = state;
    state = next;
    if (next.id !== before.id) tell({ kind: 'started', state: next, before, here });
    else if (next.kept && !before.kept) tell({ kind: 'kept', state: next });
  };
  /** What storage holds is the truth for all tabs: whoever wrote last. */
  const adopt = (at: number) => {
    const theirs = given === undefined ? store.read() : undefined;
    if (!theirs || !goesOn(theirs, at)) return;
    const same = theirs.id === state.id;
    become(same ? { ...theirs, kept: theirs.kept || state.kept } : theirs, false);
  };
  const sync = () => {
    const at = now();
    if (at < syncAt && at >= syncAt - SYNC_MS) return;
    syncAt = at + SYNC_MS;
    if (given !== undefined) return;
    adopt(at);
    const renewed = goesOn(state, at) ? undefined : newSession(at, state.id);
    const next = renewed ?? { ...state, seenMs: at };
    // Before anyone is told: a listener may ask for the id, or keep the session.
    store.write(next);
    become(next, true);
  };
  const unlisten = store.onWrite(() => {
    adopt(now());
  });
  sync();
  return {
    id() {
      if (spokenOf !== undefined) return spokenOf;
      sync();
      return state.id;
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
      return state.kept;
    },
    keepBecauseOfError() {
      if (state.kept) return;
      const next = { ...state, kept: true };
      if (given === undefined) store.write(next);
      become(next, true);
    },
    onChange(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    announce() {
      if (isFirst) tell({ kind: 'started', state, before: stored, here: true });
      isFirst = false;
    },
    stop() {
      unlisten();
      listeners.clear();
    },
  };
}
