import { jest } from '@jest/globals';
import { onLeave } from './on-leave.js';

const show = (state: DocumentVisibilityState) => {
  Object.defineProperty(document, 'visibilityState', { value: state, configurable: true });
  document.dispatchEvent(new Event('visibilitychange', { bubbles: true }));
};

test('calls when the page is hidden or left, not when it is shown, until it is stopped', () => {
  jest.spyOn(console, 'error').mockImplementation(() => undefined);
  let calls = 0;
  const stop = onLeave(() => {
    calls++;
    throw new Error('what fails is not the page’s problem');
  });
  show('hidden');
  expect(calls).toBe(1);
  show('visible');
  expect(calls).toBe(1);
  window.dispatchEvent(new Event('pagehide'));
  expect(calls).toBe(2);
  stop();
  show('hidden');
  window.dispatchEvent(new Event('pagehide'));
  expect(calls).toBe(2);
});
