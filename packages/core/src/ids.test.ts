import fc from 'fast-check';
import { Sequence, deriveEventId, uuidv7 } from './ids.js';
import { murmur3 } from './murmur3.js';

const V7 = /^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/;
const V8 = /^[0-9a-f]{8}-[0-9a-f]{4}-8[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/;

describe('uuidv7', () => {
  test('has version 7, the RFC variant and the time in its first 48 bits', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 2 ** 48 - 1 }), (ms) => {
        const id = uuidv7(ms);
        expect(id).toMatch(V7);
        expect(Number.parseInt(id.replace(/-/g, '').slice(0, 12), 16)).toBe(ms);
      }),
    );
  });

  test('sorts by time', () => {
    fc.assert(
      fc.property(fc.nat(2 ** 40), fc.nat(2 ** 40), (a, b) => {
        fc.pre(a !== b);
        expect(uuidv7(a) < uuidv7(b)).toBe(a < b);
      }),
    );
  });

  test('sorts in the order made, also within a millisecond, and never repeats', () => {
    const ids = Array.from({ length: 100_000 }, () => uuidv7(1_700_000_000_000));
    expect(ids.every((id, index) => index === 0 || (ids[index - 1] ?? '') < id)).toBe(true);
  });

  test('takes a senseless time as the nearest one it can hold', () => {
    for (const ms of [Number.NaN, -1, Infinity]) expect(uuidv7(ms)).toMatch(V7);
  });
});

describe('deriveEventId', () => {
  test('is the same for the same parts and differs when any part differs', () => {
    fc.assert(
      fc.property(
        fc.string(),
        fc.nat(),
        fc.bigInt({ min: 0n, max: 2n ** 63n }),
        fc.nat(),
        (topic, p, offset, i) => {
          const id = deriveEventId(topic, p, offset, i);
          expect(id).toMatch(V8);
          expect(deriveEventId(topic, p, offset, i)).toBe(id);
          expect(deriveEventId(topic, p + 1, offset, i)).not.toBe(id);
          expect(deriveEventId(topic, p, offset + 1n, i)).not.toBe(id);
          expect(deriveEventId(topic, p, offset, i + 1)).not.toBe(id);
        },
      ),
    );
  });

  test('hashes as the published MurmurHash3_x86_128 does', () => {
    const hex = (text: string) =>
      murmur3(new TextEncoder().encode(text))
        .map((word) => word.toString(16).padStart(8, '0'))
        .join('');
    // Vectors of the murmurhash3js and imurmurhash test suites, and of smhasher for the empty input.
    expect(hex('')).toBe('00000000000000000000000000000000');
    expect(hex('I will not buy this record, it is scratched.')).toBe('a0a9683b25ac5e40d9af2895890dddf5');
  });
});

test('a sequence counts 1, 2, 3 and has an emitter id of its own', () => {
  const one = new Sequence();
  expect([one.next(), one.next(), one.next()]).toEqual([1n, 2n, 3n]);
  expect(one.emitterId).toMatch(V7);
  expect(new Sequence().emitterId).not.toBe(one.emitterId);
});
