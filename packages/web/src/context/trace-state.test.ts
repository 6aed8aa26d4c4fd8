import { traceStateOf } from './trace-state.js';

test('members keep their order, what is changed comes first, and what is no member is left out', () => {
  const state = traceStateOf(' a=1, ot=th:8;rv:1 ,broken,b=2');
  expect(state.serialize()).toBe('a=1,ot=th:8;rv:1,b=2');
  expect(state.get('ot')).toBe('th:8;rv:1');
  expect(state.set('ot', 'th:0').serialize()).toBe('ot=th:0,a=1,b=2');
  expect(state.unset('a').serialize()).toBe('ot=th:8;rv:1,b=2');
  expect(state.get('o')).toBeUndefined();
  const many = traceStateOf(Array.from({ length: 40 }, (_, at) => `k${String(at)}=v`).join());
  expect(many.set('new', 'v').serialize().split(',')).toHaveLength(32);
});
