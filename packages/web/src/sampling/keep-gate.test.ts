import fc from 'fast-check';
import { adjustedCountIn } from '@unhinged/observability-core';
import { IDLE_MS, parseSession } from '../session/session-state.js';
import type { SessionStore } from '../session/session-store.js';
import { startSession } from '../session/session.js';
import type { SignalName } from '../delivery/batch.js';
import { KeepGate, type Candidate } from './keep-gate.js';
import { sessionSampler } from './session-sampler.js';
import { newTraceId } from './session-trace-ids.js';

interface Sent {
  name: string;
  signal: SignalName;
  traceState: string;
}

/** A page of its own origin, or of `store`. */
function page(options: { rate?: number; actions?: number; id?: string; store?: SessionStore } = {}) {
  const { rate = 0, actions = rate, id, store = ownStore() } = options;
  let clock = 1e12;
  const session = startSession({ id, store, now: () => clock });
  const gate = new KeepGate(session, sessionSampler(rate, actions));
  const sent: Sent[] = [];
  let created = 0;
  const add = (name: string, more: Partial<Candidate> = {}) => {
    created++;
    const signal = more.signal ?? 'spans';
    gate.add({
      signal,
      sessionId: session.id(),
      traceId: undefined,
      error: false,
      send: (traceState) => sent.push({ name, signal, traceState }),
      ...more,
    });
  };
  const balance = () => {
    const { held, sampledOut } = gate.stats();
    const sum = (counts: Record<SignalName, number>) => counts.spans + counts.logs + counts.metrics;
    return { created, accounted: sent.length + sum(held) + sum(sampledOut) };
  };
  return {
    session,
    gate,
    sent,
    add,
    balance,
    names: () => sent.map(({ name }) => name),
    wait: (ms: number) => void (clock += ms),
  };
}

function ownStore(): SessionStore {
  let text: string | null = null;
  const listeners = new Set<() => void>();
  return {
    read: () => parseSession(text),
    write: (state) => {
      text = JSON.stringify(state);
      for (const listener of [...listeners]) listener();
    },
    onWrite: (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
  };
}

const idOf = (randomness: string) => 'e'.repeat(18) + randomness.padEnd(14, '0');

test('of a session that is not kept nothing is sent, until an error sends what led to it, and all after it', () => {
  const { add, names, sent, gate } = page();
  add('click');
  add('line', { signal: 'logs' });
  add('histogram', { signal: 'metrics' });
  expect(names()).toEqual([]);
  expect(gate.stats().held).toEqual({ spans: 1, logs: 1, metrics: 1 });
  add('uncaught', { signal: 'logs', error: true });
  add('after', { signal: 'metrics' });
  expect(names()).toEqual(['click', 'line', 'histogram', 'uncaught', 'after']);
  // What came before is counted for by the sampled sessions; the error and what follows is kept for certain.
  expect(sent.map(({ traceState }) => traceState)).toEqual([
    'unhinged=c:0',
    'unhinged=c:0',
    'unhinged=c:0',
    'ot=th:0',
    'ot=th:0',
  ]);
});

test('at most 1,250 items wait, the oldest go, and every one is accounted for', () => {
  const { add, balance, gate, names } = page();
  for (let i = 0; i < 5_000; i++) add(String(i), { signal: i % 2 ? 'logs' : 'spans' });
  const { held } = gate.stats();
  expect(held.spans + held.logs).toBeLessThanOrEqual(1_250);
  expect(balance().accounted).toBe(5_000);
  add('error', { error: true });
  expect(names().slice(-3)).toEqual(['4998', '4999', 'error']);
  expect(balance().accounted).toBe(5_001);
});

test('a trace that another tier keeps is kept, before and after, and nothing else of the session', () => {
  const { add, names, gate, sent } = page();
  const traceId = 'a'.repeat(32);
  add('other', { traceId: 'b'.repeat(32) });
  add('fetch', { traceId });
  gate.keepTrace(traceId);
  add('later', { traceId });
  add('line of it', { traceId, signal: 'logs' });
  add('without trace');
  expect(names()).toEqual(['fetch', 'later', 'line of it']);
  expect(new Set(sent.map(({ traceState }) => traceState))).toEqual(new Set(['unhinged=c:0']));
  expect([gate.begins(traceId, 'GET'), gate.begins('c'.repeat(32), 'GET')]).toEqual([true, false]);
});

test('traces that begin with a user action have the higher rate, with its threshold', () => {
  // Randomness of 98 %: passes 5 %, not 1 %.
  const { add, names, sent, gate } = page({ rate: 0.01, actions: 0.05, id: idOf('fae1') });
  const traceId = 'a'.repeat(32);
  expect(gate.begins('b'.repeat(32), 'GET')).toBe(false);
  expect(gate.begins(traceId, 'browser.user_action.click')).toBe(true);
  add('background', { traceId: 'b'.repeat(32) });
  add('fetch of the click', { traceId });
  add('metrics', { signal: 'metrics' });
  expect(names()).toEqual(['fetch of the click']);
  expect(adjustedCountIn(sent[0]?.traceState)).toBeCloseTo(20, 2);
});

test('another tab of the session keeps this one', () => {
  const store = ownStore();
  const one = page({ store });
  const other = page({ store });
  other.add('quiet');
  one.add('error', { error: true });
  expect(other.names()).toEqual(['quiet']);
});

test('a new session starts without what the last one held; its late spans follow its own decision', () => {
  const { add, names, wait, session, gate } = page();
  const first = session.id();
  add('held');
  wait(IDLE_MS);
  add('of the second');
  expect(gate.stats()).toMatchObject({ sampledOut: { spans: 1 }, held: { spans: 1 } });
  add('late', { sessionId: first });
  expect(gate.stats().sampledOut.spans).toBe(2);
  add('error in the second', { error: true });
  add('late again', { sessionId: first });
  expect(names()).toEqual(['of the second', 'error in the second']);
});

test('an error that comes after its session ended is sent, and does not keep the next one', () => {
  const { add, names, wait, session, gate } = page();
  const first = session.id();
  wait(IDLE_MS);
  add('of the second');
  add('late error', { sessionId: first, error: true });
  add('after it', { sessionId: first });
  expect(names()).toEqual(['late error', 'after it']);
  expect([session.kept, gate.stats().held.spans]).toEqual([false, 1]);
});

test('weights are unbiased: summed over sessions, kept items stand for all items, with and without errors', () => {
  const rate = 0.2;
  const sessions = 4_000;
  let seed = 20_261_123;
  const random = () => (seed = (seed * 48_271) % 2_147_483_647) / 2_147_483_647;
  const sums = { before: 0, error: 0, after: 0 };
  const decide = sessionSampler(rate, rate);
  for (let i = 0; i < sessions; i++) {
    const r = Math.floor(random() * 2 ** 48)
      .toString(16)
      .padStart(12, '0');
    const session = startSession({ id: idOf(r), store: ownStore() });
    const gate = new KeepGate(session, decide);
    const add = (name: keyof typeof sums, error: boolean) => {
      gate.add({
        signal: 'spans',
        sessionId: session.id(),
        traceId: undefined,
        error,
        send: (traceState) => {
          sums[name] += adjustedCountIn(traceState) ?? 1;
        },
      });
    };
    add('before', false);
    if (i % 4 === 0) {
      add('error', true);
      add('after', false);
    }
    gate.stop();
  }
  expect(sums.error).toBe(sessions / 4);
  expect(sums.after).toBe(sessions / 4);
  // A binomial estimate: its standard deviation is 3.2 % here.
  expect(sums.before / sessions).toBeGreaterThan(0.88);
  expect(sums.before / sessions).toBeLessThan(1.12);
});

test('whatever happens, created = sent + held + sampled out, and an error is never left out', () => {
  const act = fc.record({
    what: fc.constantFrom('item', 'error', 'wait', 'keepTrace'),
    signal: fc.constantFrom<SignalName>('spans', 'logs', 'metrics'),
    traceId: fc.option(fc.constantFrom('a'.repeat(32), 'b'.repeat(32)), { nil: undefined }),
  });
  fc.assert(
    fc.property(fc.array(act, { maxLength: 80 }), fc.constantFrom(0, 0.5, 1), (acts, rate) => {
      const { add, wait, gate, balance, names } = page({ rate });
      let errors = 0;
      for (const { what, signal, traceId } of acts) {
        if (what === 'wait') wait(IDLE_MS / 2);
        else if (what === 'keepTrace') gate.keepTrace(traceId ?? '');
        else
          add(what === 'error' ? `error ${errors++}` : 'item', { signal, traceId, error: what === 'error' });
      }
      expect(names().filter((name) => name.startsWith('error'))).toHaveLength(errors);
      expect(balance().accounted).toBe(balance().created);
      gate.stop();
      expect(balance().accounted).toBe(balance().created);
      expect(gate.stats().held).toEqual({ spans: 0, logs: 0, metrics: 0 });
    }),
  );
});

test('the traces of a session pass any rate exactly when the session does', () => {
  const hex32 = fc
    .uint8Array({ minLength: 16, maxLength: 16 })
    .map((bytes) => Buffer.from(bytes).toString('hex'));
  fc.assert(
    fc.property(hex32, fc.double({ min: 0, max: 1, noNaN: true }), (sessionId, rate) => {
      const decide = sessionSampler(rate, rate);
      const traceId = newTraceId(sessionId);
      expect(traceId).toMatch(/^[0-9a-f]{32}$/);
      expect(decide(traceId)).toEqual(decide(sessionId));
    }),
  );
});
