import { jest } from '@jest/globals';
import { whenIdle, whenIdleOrFlushed, whenLoaded } from './when-idle.js';

/** What is told before everything is sent, and the way to send it. */
function flushes() {
  const listeners = new Set<() => void>();
  return {
    beforeFlush: (listener: () => void) => {
      listeners.add(listener);
      return () => void listeners.delete(listener);
    },
    flush: () => {
      for (const listener of listeners) listener();
    },
  };
}

beforeEach(() => {
  // The page's `performance` is Node's here.
  jest.useFakeTimers({ doNotFake: ['performance'] });
});
afterEach(() => {
  jest.useRealTimers();
  jest.restoreAllMocks();
});

test('what waits for a flush or for time is done once, and stopping ends what it began', () => {
  const { flush, ...page } = flushes();
  const told: string[] = [];
  const stop = whenIdleOrFlushed(page, () => {
    told.push('begun');
    return () => void told.push('ended');
  });
  flush();
  flush();
  jest.advanceTimersByTime(5_000);
  expect(told).toEqual(['begun']);
  stop();
  expect(told).toEqual(['begun', 'ended']);
});

test('what was stopped before its time is not done', () => {
  const { flush, ...page } = flushes();
  const told: string[] = [];
  const tell = () => {
    told.push('done');
    return undefined;
  };
  for (const stop of [whenIdle(tell), whenIdleOrFlushed(page, tell), whenLoaded(() => whenIdle(tell))])
    stop();
  flush();
  jest.advanceTimersByTime(5_000);
  expect(told).toEqual([]);
});

test('what fails is told on the console, and fails nobody', () => {
  const { flush, ...page } = flushes();
  const error = jest.spyOn(console, 'error').mockImplementation(() => undefined);
  const fail = () => {
    throw new Error('of an instrument');
  };
  whenLoaded(fail);
  whenIdle(fail);
  whenIdleOrFlushed(page, fail);
  flush();
  jest.advanceTimersByTime(5_000);
  expect(error).toHaveBeenCalledTimes(3);
});
