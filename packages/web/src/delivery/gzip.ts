/** gzip by the browser, which does it in native code and in pieces; undefined where it cannot. */
export async function gzip(bytes: Uint8Array<ArrayBuffer>): Promise<Uint8Array<ArrayBuffer> | undefined> {
  try {
    const stream = new Response(bytes).body?.pipeThrough(new CompressionStream('gzip'));
    return new Uint8Array(await new Response(stream).arrayBuffer());
  } catch {
    return undefined;
  }
}

/** Bits of the table of places where four bytes were last seen. */
const HASH_BITS = 13;
const WINDOW = 32_768;
/** One less than the format allows, as 258 is coded by a rule of its own. */
const MAX_MATCH = 257;
const MIN_MATCH = 4;

/**
 * gzip (RFC 1952) in one go, for a page that is being left: nothing asynchronous would run any more. DEFLATE (RFC 1951) with fixed codes
 * and one candidate a match; about a third larger than the browser's, in some milliseconds for what a page can hold.
 */
export function gzipNow(bytes: Uint8Array): Uint8Array<ArrayBuffer> {
  const out = new Uint8Array(bytes.length + (bytes.length >> 2) + 32);
  out.set([0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 255]);
  let pos = 10;
  let held = 0;
  let heldBits = 0;
  const put = (value: number, bits: number) => {
    held |= value << heldBits;
    for (heldBits += bits; heldBits >= 8; heldBits -= 8) {
      out[pos++] = held & 255;
      held >>>= 8;
    }
  };
  /** Huffman codes stand with their first bit first. */
  const putCode = (code: number, bits: number) => {
    let reversed = 0;
    for (let at = 0; at < bits; at++) reversed |= ((code >> at) & 1) << (bits - 1 - at);
    put(reversed, bits);
  };
  const putSymbol = (symbol: number) => {
    if (symbol < 144) putCode(0x30 + symbol, 8);
    else if (symbol < 256) putCode(0x190 - 144 + symbol, 9);
    else if (symbol < 280) putCode(symbol - 256, 7);
    else putCode(0xc0 - 280 + symbol, 8);
  };
  // The last block, with fixed codes.
  put(3, 3);
  const lastSeen = new Int32Array(1 << HASH_BITS).fill(-WINDOW - 1);
  for (let at = 0; at < bytes.length;) {
    let length = 0;
    let distance = 0;
    if (at + MIN_MATCH <= bytes.length) {
      const four = at4(bytes, at);
      const slot = Math.imul(four, 0x9e3779b1) >>> (32 - HASH_BITS);
      const candidate = lastSeen[slot] ?? 0;
      lastSeen[slot] = at;
      distance = at - candidate;
      if (distance <= WINDOW && at4(bytes, candidate) === four) {
        const longest = Math.min(MAX_MATCH, bytes.length - at);
        length = MIN_MATCH;
        while (length < longest && bytes[candidate + length] === bytes[at + length]) length++;
      }
    }
    if (length === 0) {
      putSymbol(bytes[at++] ?? 0);
      continue;
    }
    at += length;
    // Codes double their step: eight lengths, then four for each further bit; four distances, then two.
    const lengthBits = extraBits(length - 3, 2);
    putSymbol(257 + lengthBits * 4 + ((length - 3) >> lengthBits));
    put((length - 3) & ((1 << lengthBits) - 1), lengthBits);
    const distanceBits = extraBits(distance - 1, 1);
    putCode(distanceBits * 2 + ((distance - 1) >> distanceBits), 5);
    put((distance - 1) & ((1 << distanceBits) - 1), distanceBits);
  }
  putSymbol(256);
  put(0, 7);
  const trailer = new DataView(out.buffer, pos, 8);
  trailer.setUint32(0, crc32(bytes), true);
  trailer.setUint32(4, bytes.length, true);
  return out.slice(0, pos + 8);
}

const at4 = (bytes: Uint8Array, at: number): number =>
  (bytes[at] ?? 0) |
  ((bytes[at + 1] ?? 0) << 8) |
  ((bytes[at + 2] ?? 0) << 16) |
  ((bytes[at + 3] ?? 0) << 24);

const extraBits = (value: number, free: number): number => Math.max(0, 31 - free - Math.clz32(value));

let table: Uint32Array | undefined;

function crc32(bytes: Uint8Array): number {
  table ??= Uint32Array.from({ length: 256 }, (_, value) => {
    for (let bit = 0; bit < 8; bit++) value = value & 1 ? 0xedb88320 ^ (value >>> 1) : value >>> 1;
    return value;
  });
  let crc = ~0;
  for (const byte of bytes) crc = (table[(crc ^ byte) & 255] ?? 0) ^ (crc >>> 8);
  return ~crc >>> 0;
}
