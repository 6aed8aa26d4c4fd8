import { isFirstSeen } from './recorded-errors.js';

const fail = (message: string) => new TypeError(message);
const nextTask = () => new Promise((resolve) => setTimeout(resolve, 20));

test('an error is recorded once, and once a task what fails again at the same place with the same words', async () => {
  const error = fail('no cart');
  expect([isFirstSeen(error), isFirstSeen(error)]).toEqual([true, false]);
  expect(isFirstSeen(fail('no cart'))).toBe(false);
  expect(isFirstSeen(fail('no user'))).toBe(true);
  expect(isFirstSeen(new TypeError('no cart'))).toBe(true);
  await nextTask();
  expect(isFirstSeen(fail('no cart'))).toBe(true);
});

test('what is thrown without being an object cannot be told apart', () => {
  expect([isFirstSeen('a'), isFirstSeen('a'), isFirstSeen(undefined)]).toEqual([true, true, true]);
});
