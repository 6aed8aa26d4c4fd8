const rotl = (x: number, by: number): number => (x << by) | (x >>> (32 - by));

const finish = (h: number): number => {
  h = Math.imul(h ^ (h >>> 16), 0x85ebca6b);
  h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35);
  return h ^ (h >>> 16);
};

/** MurmurHash3_x86_128 by Austin Appleby (public domain), seed 0. */
export function murmur3(bytes: Uint8Array): [number, number, number, number] {
  const c1 = 0x239b961b;
  const c2 = 0xab0e9789;
  const c3 = 0x38b34ae5;
  const c4 = 0xa1e38b93;
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const whole = bytes.length - (bytes.length % 16);
  let h1 = 0;
  let h2 = 0;
  let h3 = 0;
  let h4 = 0;
  const mix1 = (k: number) => Math.imul(rotl(Math.imul(k, c1), 15), c2);
  const mix2 = (k: number) => Math.imul(rotl(Math.imul(k, c2), 16), c3);
  const mix3 = (k: number) => Math.imul(rotl(Math.imul(k, c3), 17), c4);
  const mix4 = (k: number) => Math.imul(rotl(Math.imul(k, c4), 18), c1);
  for (let at = 0; at < whole; at += 16) {
    h1 = (Math.imul(rotl(h1 ^ mix1(view.getUint32(at, true)), 19) + h2, 5) + 0x561ccd1b) | 0;
    h2 = (Math.imul(rotl(h2 ^ mix2(view.getUint32(at + 4, true)), 17) + h3, 5) + 0x0bcaa747) | 0;
    h3 = (Math.imul(rotl(h3 ^ mix3(view.getUint32(at + 8, true)), 15) + h4, 5) + 0x96cd1c35) | 0;
    h4 = (Math.imul(rotl(h4 ^ mix4(view.getUint32(at + 12, true)), 13) + h1, 5) + 0x32ac3b17) | 0;
  }
  if (whole < bytes.length) {
    // A tail shorter than 16 bytes is mixed in as if it were padded with zeros: mixing a zero changes nothing.
    const padded = new DataView(new ArrayBuffer(16));
    for (let at = whole; at < bytes.length; at++) padded.setUint8(at - whole, bytes[at] ?? 0);
    h1 ^= mix1(padded.getUint32(0, true));
    h2 ^= mix2(padded.getUint32(4, true));
    h3 ^= mix3(padded.getUint32(8, true));
    h4 ^= mix4(padded.getUint32(12, true));
  }
  h1 ^= bytes.length;
  h2 ^= bytes.length;
  h3 ^= bytes.length;
  h4 ^= bytes.length;
  h1 = (h1 + h2 + h3 + h4) | 0;
  h2 = (h2 + h1) | 0;
  h3 = (h3 + h1) | 0;
  h4 = (h4 + h1) | 0;
  h1 = finish(h1);
  h2 = finish(h2);
  h3 = finish(h3);
  h4 = finish(h4);
  h1 = (h1 + h2 + h3 + h4) | 0;
  return [h1 >>> 0, (h2 + h1) >>> 0, (h3 + h1) >>> 0, (h4 + h1) >>> 0];
}
