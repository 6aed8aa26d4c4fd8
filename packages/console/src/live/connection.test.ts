import { LiveConnection, type EventSourceLike } from './connection.js';

class FakeSource implements EventSourceLike {
  readyState = 1;
  closed = false;
  readonly #listeners = new Map<string, (event: { data?: unknown }) => void>();
  addEventListener(type: string, listener: (event: { data?: unknown }) => void): void {
    this.#listeners.set(type, listener);
  }
  close(): void {
    this.closed = true;
  }
  send(type: string, rest: object = {}): void {
    this.#listeners.get(type)?.({ data: JSON.stringify({ type, ...rest }) });
  }
  fail(readyState: number): void {
    this.readyState = readyState;
    this.#listeners.get('error')?.({});
  }
}

function connect(): {
  connection: LiveConnection;
  stop: () => void;
  sources: FakeSource[];
  newest: () => FakeSource;
  timers: { callback: () => void; delayMs: number; cancelled: boolean }[];
} {
  const sources: FakeSource[] = [];
  const timers: { callback: () => void; delayMs: number; cancelled: boolean }[] = [];
  const connection = new LiveConnection({
    openSource: () => {
      const source = new FakeSource();
      sources.push(source);
      return source;
    },
    schedule: (callback, delayMs) => {
      const timer = { callback, delayMs, cancelled: false };
      timers.push(timer);
      return () => {
        timer.cancelled = true;
      };
    },
  });
  const stop = connection.start();
  return {
    connection,
    stop,
    sources,
    timers,
    newest: () => {
      const source = sources.at(-1);
      if (source === undefined) throw new Error('no source was opened');
      return source;
    },
  };
}

it('is live from the greeting on', () => {
  const { connection, newest } = connect();
  expect(connection.status).toEqual({ state: 'connecting', epoch: 0 });
  newest().send('hello', { version: '1' });
  expect(connection.status).toEqual({ state: 'live', epoch: 0 });
});

it('hands each message to the handlers of its type until they leave', () => {
  const { connection, newest } = connect();
  const seen: number[] = [];
  const leave = connection.on('traces', ({ traces }) => seen.push(traces.length));
  newest().send('traces', { traces: [{}, {}] });
  newest().send('logs', { logs: [{}] });
  leave();
  newest().send('traces', { traces: [] });
  expect(seen).toEqual([2]);
});

it('asks for everything to be read again after a gap and after a reconnection, not after the first greeting', () => {
  const { connection, newest, timers } = connect();
  const epochs: number[] = [];
  connection.watch(() => epochs.push(connection.status.epoch));
  newest().send('hello', { version: '1' });
  newest().send('gap', { missed: 7 });
  newest().send('gap', { missed: 1 });
  expect(timers).toHaveLength(1);
  timers[0]?.callback();
  newest().fail(0);
  expect(connection.status.state).toBe('reconnecting');
  newest().send('hello', { version: '1' });
  expect(connection.status).toEqual({ state: 'live', epoch: 2 });
  expect(epochs).toEqual([0, 1, 1, 2]);
});

it('opens a source that gave up anew, with growing delays that a greeting resets', () => {
  const { sources, timers, newest } = connect();
  newest().fail(0);
  expect(timers).toHaveLength(0);
  for (let time = 0; time < 6; time++) {
    newest().fail(2);
    timers.at(-1)?.callback();
  }
  expect(timers.map(({ delayMs }) => delayMs)).toEqual([500, 1000, 2000, 4000, 8000, 8000]);
  expect(sources.slice(0, -1).every(({ closed }) => closed)).toBe(true);
  newest().send('hello', { version: '1' });
  newest().fail(2);
  expect(timers.at(-1)?.delayMs).toBe(500);
});

it('ignores what an abandoned source still says', () => {
  const { connection, sources, timers, newest } = connect();
  newest().fail(2);
  timers.at(-1)?.callback();
  sources[0]?.send('hello', { version: '1' });
  expect(connection.status.state).toBe('connecting');
});

it('stops for good', () => {
  const { stop, newest, timers } = connect();
  newest().fail(2);
  stop();
  expect(newest().closed).toBe(true);
  expect(timers.at(-1)?.cancelled).toBe(true);
});
