import fc from 'fast-check';
import { readOtelState, withThreshold } from './trace-state.js';

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
])('%s with threshold %s is %s', (text, th, result) => {
  expect(withThreshold(text, th)).toBe(result);
});

test('whatever came, the result says the threshold, keeps rv, and has at most 32 members', () => {
  const member = fc.stringMatching(/^[a-z]{1,8}=[\x21-\x2b\x2d-\x3c\x3e-\x7e]{0,40}$/);
  const otel = fc.constantFrom(
    'ot=rv:00000000000001;x:1',
    'ot=th:c;rv:00000000000001',
    `ot=x:${'y'.repeat(400)}`,
  );
  fc.assert(
    fc.property(fc.array(fc.oneof(member, otel), { maxLength: 40 }), (members) => {
      const text = members.join(',');
      const result = withThreshold(text, 'fd70a');
      expect(readOtelState(result)).toEqual({ ...readOtelState(text), th: 'fd70a' });
      expect(result.split(',').length).toBeLessThanOrEqual(32);
      expect(withThreshold(result, 'fd70a')).toBe(result);
    }),
  );
});
