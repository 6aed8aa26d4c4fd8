/** @jest-environment node */
import { createLogger, startWeb, trace } from './index.js';

test('without a window it can be imported, started and used, and does nothing', async () => {
  expect(typeof window).toBe('undefined');
  const sdk = startWeb({ service: 'shop' });
  createLogger({ flags: 'D' }).info('x');
  expect(trace('render', () => 42)).toBe(42);
  await expect(sdk.flush()).resolves.toBeUndefined();
  await expect(sdk.shutdown()).resolves.toBeUndefined();
});
