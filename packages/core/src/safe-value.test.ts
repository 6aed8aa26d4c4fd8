import fc from 'fast-check';
import { base64 } from './base64.js';
import { safeObject, safeValue } from './safe-value.js';

test('keeps plain JSON as it is', () => {
  fc.assert(
    fc.property(fc.dictionary(fc.string({ unit: 'grapheme' }), fc.jsonValue({ maxDepth: 3 })), (plain) => {
      // An unescaped quote after { or , begins a key.
      const json = JSON.stringify(plain).replaceAll(/(?<=[{,])"__proto__":/g, '"[__proto__]":');
      expect(JSON.stringify(safeObject(plain))).toBe(json);
    }),
  );
});

test('any object becomes one that JSON writes and reads back unchanged', () => {
  const anything = fc.object({
    withBigInt: true,
    withBoxedValues: true,
    withDate: true,
    withMap: true,
    withNullPrototype: true,
    withObjectString: true,
    withSet: true,
    withTypedArray: true,
    withSparseArray: true,
  });
  fc.assert(
    fc.property(anything, (value) => {
      const safe = safeObject(value);
      expect(JSON.parse(JSON.stringify(safe))).toEqual(safe);
    }),
  );
});

test('hostile values are named, not thrown', () => {
  const circular: Record<string, unknown> = {
    id: 1n,
    nan: Number.NaN,
    when: new Date(0),
    fn: () => 1,
    sym: Symbol('s'),
  };
  circular['self'] = circular;
  const shared = { a: 1 };
  Object.defineProperty(circular, 'trap', { enumerable: true, get: () => failing() });
  expect(
    safeObject({ circular, twice: [shared, shared], map: new Map([['k', 2n]]), set: new Set(['x']) }),
  ).toEqual({
    circular: {
      id: '1',
      nan: 'NaN',
      when: '1970-01-01T00:00:00.000Z',
      self: '[Circular]',
      trap: '[Throws: no]',
    },
    twice: [{ a: 1 }, { a: 1 }],
    map: { k: '2' },
    set: ['x'],
  });
});

test('an error keeps its type, message, stack, cause and own fields', () => {
  const error = Object.assign(new TypeError('bad', { cause: new Error('why') }), { code: 7 });
  Object.defineProperty(error, 'trap', { enumerable: true, get: failing });
  expect(safeObject({ error })).toEqual({
    error: {
      type: 'TypeError',
      message: 'bad',
      stack: error.stack,
      cause: { type: 'Error', message: 'why', stack: (error.cause as Error).stack },
      code: 7,
      trap: '[Throws: no]',
    },
  });
});

test('a proxy that throws on everything is survived', () => {
  const hostile = new Proxy({}, { get: failing, ownKeys: failing, getPrototypeOf: failing });
  expect(safeObject({ hostile })).toEqual({ hostile: '[Throws: no]' });
});

test('a key called __proto__ is renamed, so that no decoder behind us takes it for the prototype', () => {
  const safe = safeObject(JSON.parse('{"__proto__":{"admin":true}}') as object);
  expect(Object.getPrototypeOf(safe)).toBe(Object.prototype);
  expect(JSON.stringify(safe)).toBe('{"[__proto__]":{"admin":true}}');
});

test('depth, items and strings are bounded', () => {
  let deep: object = {};
  for (let i = 0; i < 10_000; i++) deep = { deep };
  expect(JSON.stringify(safeObject(deep))).toContain('"[Object]"');
  const wide = safeObject({ list: Array.from({ length: 5_000 }, (_, i) => i) });
  expect((wide['list'] as unknown[]).length).toBe(1_000);
  expect((wide['list'] as unknown[]).at(-1)).toBe('[Truncated]');
  expect(safeValue('x'.repeat(20), { maxString: 3 })).toBe('xxx…[Truncated]');
});

test('text is what UTF-8 can carry', () => {
  expect(safeValue('a\ud800b\udc00😀')).toBe('a\ufffdb\ufffd😀');
});

test('bytes become the base64 that Buffer writes', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 20_000 }), (b) => base64(b) === Buffer.from(b).toString('base64')),
  );
});

function failing(): never {
  throw new Error('no');
}
