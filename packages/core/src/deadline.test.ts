import { setTimeout as after } from 'node:timers/promises';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { deadline } from './deadline.js';

setFlagsFromString('--expose-gc');
const collectGarbage = runInNewContext('gc') as () => void;

test('the time is over although nobody but the waiting holds it, through collections of garbage', async () => {
  const over = new Promise<unknown>((resolve) => {
    const { signal } = deadline(100, new AbortController().signal);
    signal.addEventListener('abort', () => {
      resolve(signal.reason);
    });
  });
  for (let round = 0; round < 3; round++) {
    await after(10);
    collectGarbage();
  }
  expect(await over).toMatchObject({ name: 'TimeoutError' });
});

test('the outer signal ends it, before and after; once done, neither does', () => {
  const outer = new AbortController();
  const during = deadline(60_000, outer.signal);
  const finished = deadline(60_000, outer.signal);
  finished.done();
  outer.abort('why');
  expect([during.signal.aborted, during.signal.reason, finished.signal.aborted]).toEqual([
    true,
    'why',
    false,
  ]);
  expect(deadline(60_000, outer.signal).signal.aborted).toBe(true);
  during.done();
});
