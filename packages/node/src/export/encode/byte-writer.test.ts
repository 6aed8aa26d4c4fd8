import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { ByteWriter, Stamp } from './byte-writer.js';

/** Eight bytes that make a number that is none, with something in it. */
const NO_NUMBER = [1, 2, 3, 4, 5, 6, 0xf0, 0x7f];
const bytes = fc
  .array(fc.oneof(fc.constant(NO_NUMBER), fc.array(fc.nat(255), { maxLength: 12 })), { maxLength: 6 })
  .map((pieces) => Uint8Array.from(pieces.flat()));

test('a stamp writes the bytes it was given, whatever they are, and whatever it held before', () => {
  const stamp = new Stamp();
  fc.assert(
    fc.property(bytes, (given) => {
      stamp.set(given);
      const writer = new ByteWriter(1);
      for (const each of [stamp, new Stamp(given)]) {
        writer.byte(0xff);
        writer.stamp(each);
      }
      const piece = [0xff, ...given];
      expect([...writer.written()]).toEqual([...piece, ...piece]);
    }),
  );
});
