import fc from 'fast-check';
import { gunzipSync } from 'node:zlib';
import { gzip, gzipNow } from './gzip.js';

const repetitive = fc
  .array(fc.tuple(fc.uint8Array({ maxLength: 40 }), fc.integer({ min: 1, max: 40 })), { maxLength: 20 })
  .map((parts) => Buffer.concat(parts.flatMap(([bytes, times]) => Array<Uint8Array>(times).fill(bytes))));

test('what is compressed in one go is read by zlib as what it was', () => {
  fc.assert(
    fc.property(fc.oneof(fc.uint8Array({ maxLength: 2_000 }), repetitive), (bytes) => {
      expect(Buffer.from(gunzipSync(gzipNow(bytes))).equals(bytes)).toBe(true);
    }),
  );
});

test('matches as long and as far away as there are, and bytes of every value', () => {
  const all = Uint8Array.from({ length: 256 }, (_, byte) => byte);
  const gap = (length: number) => Uint8Array.from({ length }, (_, at) => (at * 2_654_435_761) >>> 24);
  for (const distance of [1, 2, 3, 4, 5, 255, 256, 257, 32_511, 32_512, 32_513, 40_000]) {
    const bytes = Buffer.concat([all, gap(distance), all, Buffer.alloc(1_000, 7)]);
    expect(Buffer.from(gunzipSync(gzipNow(bytes))).equals(bytes)).toBe(true);
  }
});

test('the browser does it better, where it can', async () => {
  const text = new TextEncoder().encode(
    Array.from({ length: 500 }, (_, at) => `span ${at * 7_919} of the page, GET`).join('\n'),
  );
  const [native, own] = [await gzip(text), gzipNow(text)];
  expect(gunzipSync(native ?? '').length).toBe(text.length);
  expect(own.length).toBeLessThan(text.length / 3);
  expect(native?.length).toBeLessThan(own.length);
});
