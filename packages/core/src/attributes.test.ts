import { AnyValue } from '@unhinged/observability-proto/otlp';
import fc from 'fast-check';
import {
  fromAnyValue,
  fromKeyValues,
  structFromAnyValue,
  structFromKeyValues,
  toAnyValue,
  toKeyValues,
} from './attributes.js';

test('plain values survive the way to OTLP bytes and back', () => {
  const leaf = fc.oneof(
    fc.string({ unit: 'grapheme' }),
    fc.boolean(),
    fc.maxSafeInteger(),
    fc.double({ noNaN: true, noDefaultInfinity: true }).filter((n) => !Object.is(n, -0)),
    fc.constant(null),
  );
  const { value } = fc.letrec<{ value: unknown }>((tie) => ({
    value: fc.oneof(
      { depthSize: 'small' },
      leaf,
      fc.array(tie('value'), { maxLength: 4 }),
      fc.dictionary(fc.string({ unit: 'grapheme' }), tie('value'), { maxKeys: 4, noNullPrototype: true }),
    ),
  }));
  fc.assert(
    fc.property(value, (wanted) => {
      const bytes = AnyValue.encode(toAnyValue(wanted) ?? { value: undefined }).finish();
      expect(JSON.stringify(fromAnyValue(AnyValue.decode(bytes)))).toBe(renamed(wanted));
    }),
  );
});

test('whole numbers beyond 2^53 keep every digit', () => {
  const big = 2n ** 60n + 1n;
  const any = toAnyValue(big);
  expect(any).toEqual({ value: { $case: 'intValue', value: big } });
  expect(fromAnyValue(any)).toBe(big);
  expect(structFromAnyValue(any)).toBe('1152921504606846977');
  expect(structFromAnyValue(toAnyValue(2n ** 53n - 1n))).toBe(9007199254740991);
  // Beyond 64 bits OTLP has no number.
  expect(fromAnyValue(toAnyValue(2n ** 64n))).toBe('18446744073709551616');
});

test('bytes stay bytes in OTLP and become base64 in a Struct', () => {
  const bytes = new Uint8Array([1, 2, 255]);
  expect(fromAnyValue(toAnyValue(bytes))).toEqual(bytes);
  expect(structFromKeyValues(toKeyValues({ bytes }))).toEqual({ bytes: 'AQL/' });
});

test('a Struct gets names for numbers that JSON lacks', () => {
  expect(structFromKeyValues(toKeyValues({ a: Number.NaN, b: -Infinity, c: 0.5 }))).toEqual({
    a: 'NaN',
    b: '-Infinity',
    c: 0.5,
  });
});

test('what OTLP cannot hold is dropped, and of a key that comes twice the last stays', () => {
  expect(toKeyValues({ f: () => 1, u: undefined, ok: true })).toEqual([
    { key: 'ok', value: { value: { $case: 'boolValue', value: true } } },
  ]);
  const twice = [...toKeyValues({ k: 1 }), ...toKeyValues({ k: 2 })];
  expect(fromKeyValues(twice)).toEqual({ k: 2 });
});

test('an attribute called __proto__ changes no prototype', () => {
  const safe = structFromKeyValues([{ key: '__proto__', value: toAnyValue({ admin: true }) }]);
  expect(Object.getPrototypeOf(safe)).toBe(Object.prototype);
  expect(Object.keys(safe)).toEqual(['__proto__']);
});

test('nesting from a hostile client is cut, not followed', () => {
  let value: AnyValue = { value: { $case: 'boolValue', value: true } };
  for (let i = 0; i < 100_000; i++) value = { value: { $case: 'arrayValue', value: { values: [value] } } };
  expect(JSON.stringify(structFromAnyValue(value))).toContain('[Truncated]');
  expect(fromAnyValue(value)).toBeInstanceOf(Array);
});

/** `__proto__` is the one key that does not keep its name. */
const renamed = (value: unknown): string =>
  JSON.stringify(value).replaceAll('"__proto__":', '"[__proto__]":');
