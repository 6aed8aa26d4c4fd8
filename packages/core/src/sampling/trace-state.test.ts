import fc from 'fast-check';
import {
  adjustedCountIn,
  hasKeepMark,
  readOtelState,
  withKeepMark,
  withoutCount,
  withThreshold,
} from './trace-state.js';

test.each([
  [undefined, {}],
  ['', {}],
  ['ot=th:8', { th: '8' }],
  ['a=1, ot=rv:0123456789abcd;th:fd70a;p:8 ,b=2', { rv: '0123456789abcd', th: 'fd70a' }],
  ['ot=th:XYZ;rv:12', {}],
  ['robot=th:8', {}],
])('%s is read as %j', (text, state) => {
  expect(readOtelState(text)).toEqual(state);
});

test.each([
  [undefined, '8', 'ot=th:8'],
  [undefined, undefined, ''],
  ['ot=th:8', undefined, ''],
  ['a=1,ot=th:c;rv:0123456789abcd,b=2', '8', 'ot=th:8;rv:0123456789abcd,a=1,b=2'],
  ['a=1,ot=th:c;rv:0123456789abcd', undefined, 'ot=rv:0123456789abcd,a=1'],
  ['a=1,,b=2', '0', 'ot=th:0,a=1,b=2'],
  ['unhinged=c:0;x:1,a=1', '8', 'ot=th:8,unhinged=x:1,a=1'],
])('%s with threshold %s is %s', (text, th, result) => {
  expect(withThreshold(text, th)).toBe(result);
});

test('nothing, unknown and a number are told apart', () => {
  expect(adjustedCountIn(undefined)).toBeUndefined();
  expect(adjustedCountIn('vendor=1,ot=rv:00000000000001')).toBeUndefined();
  expect(adjustedCountIn('ot=th:ffffffffffffff')).toBeUndefined();
  expect(adjustedCountIn('ot=th:8')).toBe(2);
  expect(withoutCount('ot=th:8;rv:0123456789abcd,vendor=1')).toBe(
    'unhinged=c:0,ot=rv:0123456789abcd,vendor=1',
  );
  expect(adjustedCountIn(withoutCount('ot=th:8,unhinged=k:1'))).toBe(0);
  expect(adjustedCountIn('vendor=c:0')).toBeUndefined();
});

test('the mark of a kept trace stands beside what came, and is read', () => {
  expect(withKeepMark(undefined)).toBe('unhinged=k:1,ot=th:0');
  expect(withKeepMark('vendor=x,ot=th:e6;rv:0123456789abcd')).toBe(
    'unhinged=k:1,ot=th:0;rv:0123456789abcd,vendor=x',
  );
  expect(['unhinged=x:2;k:1', 'unhinged=k:0,vendor=k:1', ''].map(hasKeepMark)).toEqual([true, false, false]);
});

test('whatever came, the result says what it has to, keeps rv, and has at most 32 members in 512 characters', () => {
  const member = fc.stringMatching(/^[a-z]{1,8}=[\x21-\x2b\x2d-\x3c\x3e-\x7e]{0,200}$/);
  const otel = fc.constantFrom(
    'ot=rv:00000000000001;x:1',
    'ot=th:c;rv:00000000000001',
    `ot=x:${'y'.repeat(400)}`,
    `unhinged=z:${'y'.repeat(240)}`,
  );
  fc.assert(
    fc.property(fc.array(fc.oneof(member, otel), { maxLength: 40 }), (members) => {
      const text = members.join(',');
      const thresholded = withThreshold(text, 'fd70a');
      expect(readOtelState(thresholded)).toEqual({ ...readOtelState(text), th: 'fd70a' });
      expect(withThreshold(thresholded, 'fd70a')).toBe(thresholded);
      const uncounted = withoutCount(text);
      expect(adjustedCountIn(uncounted)).toBe(0);
      expect(readOtelState(uncounted).rv).toBe(readOtelState(text).rv);
      const marked = withKeepMark(text);
      expect(hasKeepMark(marked)).toBe(true);
      for (const result of [thresholded, uncounted, marked]) {
        expect(result.split(',').length).toBeLessThanOrEqual(32);
        expect(result.length).toBeLessThanOrEqual(512);
      }
    }),
  );
});

test('when the list is too long the longest members of others go first, then the last', () => {
  const short = Array.from({ length: 30 }, (_, index) => `v${index}=${'x'.repeat(10)}`);
  const long = `long=${'y'.repeat(200)}`;
  const result = withThreshold([long, ...short].join(','), '8').split(',');
  expect(result.slice(0, 3)).toEqual(['ot=th:8', short[0], short[1]]);
  expect(result).toHaveLength(31);
});
