import { flushOnHide } from './flush-on-hide.js';

const show = (state: DocumentVisibilityState) => {
  Object.defineProperty(document, 'visibilityState', { value: state, configurable: true });
  document.dispatchEvent(new Event('visibilitychange', { bubbles: true }));
};

test('flushes when the page is hidden or left, not when it is shown, until it is stopped', () => {
  let flushes = 0;
  const stop = flushOnHide(() => {
    flushes++;
    return Promise.reject(new Error('a flush that fails is not the page’s problem'));
  });
  show('hidden');
  expect(flushes).toBe(1);
  show('visible');
  expect(flushes).toBe(1);
  window.dispatchEvent(new Event('pagehide'));
  expect(flushes).toBe(2);
  stop();
  show('hidden');
  window.dispatchEvent(new Event('pagehide'));
  expect(flushes).toBe(2);
});
