import fc from 'fast-check';
import { IDLE_MS, LONGEST_MS, parseSession, type SessionState } from './session-state.js';
import { localSessionStore, type SessionStore } from './session-store.js';
import { startSession, type Session, type SessionChange } from './session.js';

/** The storage of an origin; a tab hears of the writes of the others when `deliver` is called. */
function origin() {
  let text: string | null = null;
  const tabs: { listeners: Set<() => void>; pending: number }[] = [];
  const open = (): SessionStore => {
    const tab = { listeners: new Set<() => void>(), pending: 0 };
    tabs.push(tab);
    return {
      read: () => parseSession(text),
      write(state) {
        text = JSON.stringify(state);
        for (const other of tabs) if (other !== tab) other.pending++;
      },
      onWrite(listener) {
        tab.listeners.add(listener);
        return () => tab.listeners.delete(listener);
      },
    };
  };
  const deliver = () => {
    for (const tab of tabs) {
      if (tab.pending > 0) for (const listener of tab.listeners) listener();
      tab.pending = 0;
    }
  };
  const spoil = (value: string) => {
    text = value;
  };
  return { open, deliver, spoil };
}

const denied: SessionStore = {
  read: () => undefined,
  write: () => undefined,
  onWrite: () => () => undefined,
};

test('a session ends after 15 minutes without activity, and after 4 hours whatever happens', () => {
  for (const store of [origin().open(), denied]) {
    let clock = 1e12;
    const session = startSession({ store, now: () => clock });
    const first = session.id();
    expect(first).toMatch(/^[0-9a-f]{32}$/);
    clock += IDLE_MS - 1;
    expect(session.id()).toBe(first);
    clock += IDLE_MS - 1;
    session.touch();
    clock += IDLE_MS - 1;
    expect(session.id()).toBe(first);
    clock += IDLE_MS;
    const second = session.id();
    expect(second).not.toBe(first);
    const began = clock;
    while (clock - began < LONGEST_MS - 60_000) {
      expect(session.id()).toBe(second);
      clock += 60_000;
    }
    clock = began + LONGEST_MS;
    expect(session.id()).not.toBe(second);
  }
});

test('nothing is read, written or listened to before somebody asks for the session', () => {
  const touched: string[] = [];
  const store: SessionStore = {
    read: () => void touched.push('read'),
    write: () => void touched.push('write'),
    onWrite: () => {
      touched.push('listen');
      return () => void touched.push('unlisten');
    },
  };
  startSession({ store }).stop();
  expect(touched).toEqual([]);
  const session = startSession({ store, now: () => 1e12 });
  expect(session.id()).toBe(session.id());
  expect(touched).toEqual(['listen', 'read', 'write']);
});

test('a reload and another tab are in the same session, and so is what keeps it', () => {
  const { open, deliver } = origin();
  const one = startSession({ store: open() });
  const other = startSession({ store: open() });
  const heard: SessionChange[] = [];
  other.onChange((change) => heard.push(change));
  expect(other.id()).toBe(one.id());
  one.keepBecauseOfError();
  expect(other.kept).toBe(false);
  deliver();
  expect([other.kept, heard.map(({ kind }) => kind)]).toEqual([true, ['kept']]);
  const reloaded = startSession({ store: open() });
  expect([reloaded.id(), reloaded.kept]).toEqual([one.id(), true]);
});

test('a new session names the one before, also to the next load of the page; nobody tells of one that goes on', () => {
  const { open } = origin();
  let clock = 1e12;
  const now = () => clock;
  const told = (session: Session) => {
    const changes: SessionChange[] = [];
    session.onChange((change) => changes.push(change));
    session.announce();
    session.announce();
    return changes;
  };
  const one = startSession({ store: open(), now });
  const first = told(one);
  expect(first).toMatchObject([{ kind: 'started', here: true, before: undefined }]);
  expect(told(startSession({ store: open(), now }))).toEqual([]);
  const before = one.id();
  clock += IDLE_MS;
  const next = startSession({ store: open(), now });
  expect(told(next)).toMatchObject([
    { kind: 'started', here: true, state: { previousId: before, kept: false }, before: { id: before } },
  ]);
  // The first tab learns it as somebody else's news.
  one.id();
  expect(first.at(-1)).toMatchObject({ kind: 'started', here: false, state: { id: next.id() } });
});

test('tabs that act in any order and hear of one another late are in one session as soon as they have', () => {
  const action = fc.record({
    tab: fc.nat(3),
    act: fc.constantFrom('id', 'keep', 'wait', 'deliver', 'reload'),
    wait: fc.constantFrom(10, 1_500, 60_000, IDLE_MS, LONGEST_MS),
  });
  fc.assert(
    fc.property(fc.array(action, { maxLength: 60 }), (actions) => {
      const { open, deliver } = origin();
      let clock = 1e12;
      const now = () => clock;
      const start = () => startSession({ store: open(), now });
      const tabs = [start(), start(), start(), start()];
      for (const { tab, act, wait } of actions) {
        const session = tabs[tab];
        if (act === 'wait') clock += wait;
        else if (act === 'deliver') deliver();
        else if (act === 'id') session?.id();
        else if (act === 'keep') session?.keepBecauseOfError();
        else {
          session?.stop();
          tabs[tab] = start();
        }
      }
      // A look at the storage is due at the latest a second later.
      clock += 2_000;
      for (const session of tabs) session.id();
      deliver();
      expect(new Set(tabs.map((session) => session.id())).size).toBe(1);
      expect(new Set(tabs.map((session) => session.kept)).size).toBe(1);
    }),
  );
});

test.each([
  'null',
  '<script>',
  '{}',
  '{"id":"x","startedMs":1,"seenMs":1}',
  `{"id":"${'a'.repeat(32)}","startedMs":"1","seenMs":1}`,
])('storage that holds %s is replaced', (text) => {
  const { open, spoil } = origin();
  spoil(text);
  const store = open();
  const id = startSession({ store }).id();
  expect(id).toMatch(/^[0-9a-f]{32}$/);
  expect(store.read()?.id).toBe(id);
});

test('a session that somebody else manages is taken as it is and stays', () => {
  let clock = 1e12;
  const { open } = origin();
  const id = 'c'.repeat(32);
  const store = open();
  const session = startSession({ id, store, now: () => clock });
  clock += 2 * LONGEST_MS;
  expect(session.id()).toBe(id);
  session.keepBecauseOfError();
  expect([session.kept, store.read()]).toEqual([true, undefined]);
});

describe('localStorage', () => {
  afterEach(() => {
    localStorage.clear();
  });

  const state: SessionState = { id: 'a'.repeat(32), previousId: '', startedMs: 1, seenMs: 2, kept: true };

  test('keeps the state, and hears of others', () => {
    let heard = 0;
    const stop = localSessionStore.onWrite(() => heard++);
    localSessionStore.write(state);
    expect(localSessionStore.read()).toEqual(state);
    window.dispatchEvent(new StorageEvent('storage', { key: 'unhinged.session' }));
    window.dispatchEvent(new StorageEvent('storage', { key: 'else' }));
    stop();
    window.dispatchEvent(new StorageEvent('storage', { key: 'unhinged.session' }));
    expect(heard).toBe(1);
  });

  test('may be denied: the session lives as long as the page', () => {
    const own = Object.getOwnPropertyDescriptor(globalThis, 'localStorage');
    Object.defineProperty(globalThis, 'localStorage', {
      configurable: true,
      get: () => {
        throw new DOMException('denied', 'SecurityError');
      },
    });
    try {
      const session = startSession();
      expect(session.id()).toBe(session.id());
      session.keepBecauseOfError();
      session.stop();
    } finally {
      if (own) Object.defineProperty(globalThis, 'localStorage', own);
    }
  });
});
