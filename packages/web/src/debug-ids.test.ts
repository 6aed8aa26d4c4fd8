import { debugIdsOf } from './debug-ids.js';

const ID = '85314830-023f-4cf1-a267-535f4e37bb17';
const same = (url: string) => url;

test('files that registered are named with their ids, by Chrome and by Firefox, once each', () => {
  const stack = `Error: x
    at f (https://a.example/app.js:1:10)
    at g (https://a.example/app.js:1:20)
    at https://a.example/other.js:1:1`;
  expect(debugIdsOf(stack, same)).toEqual([]);
  globalThis._unhingedDebugIds = {
    'Error\n    at https://a.example/app.js:1:30\n    at https://a.example/loader.js:2:2': ID,
  };
  expect(debugIdsOf(stack, same)).toEqual([`${ID} https://a.example/app.js`]);
  globalThis._debugIds = { '@https://a.example/other.js?v=2:1:30\n': ID.replace('8', '9') };
  expect(debugIdsOf('f@https://a.example/other.js?v=2:3:4', (url) => url.replace(/\d$/, 'X'))).toEqual([
    `${ID.replace('8', '9')} https://a.example/other.js?v=X`,
  ]);
  expect(debugIdsOf('no frames', same)).toEqual([]);
});
