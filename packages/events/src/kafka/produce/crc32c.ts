/** Eight bytes at a time ("slicing-by-8", Kounavis and Berry 2005), over the polynomial of Castagnoli, reflected. */
const POLYNOMIAL = 0x82f63b78;
const WIDTH = 8;

/** Table `k` at `k * 256`: what a byte adds that `k` bytes follow. */
const table = new Int32Array(WIDTH * 256);
for (let byte = 0; byte < 256; byte++) {
  let crc = byte;
  for (let bit = 0; bit < 8; bit++) crc = (crc >>> 1) ^ (crc & 1 ? POLYNOMIAL : 0);
  table[byte] = crc;
}
for (let at = 256; at < table.length; at++) {
  const before = table[at - 256] ?? 0;
  table[at] = (before >>> 8) ^ (table[before & 255] ?? 0);
}

/** CRC-32C of bytes from `start` on, which Kafka's record batches carry and `node:zlib` does not compute. Unsigned. */
export function crc32c(bytes: Buffer, start = 0): number {
  let crc = -1;
  let at = start;
  for (const end = bytes.length - WIDTH; at <= end; at += WIDTH) {
    const low = crc ^ bytes.readInt32LE(at);
    const high = bytes.readInt32LE(at + 4);
    crc =
      (table[1792 + (low & 255)] ?? 0) ^
      (table[1536 + ((low >>> 8) & 255)] ?? 0) ^
      (table[1280 + ((low >>> 16) & 255)] ?? 0) ^
      (table[1024 + (low >>> 24)] ?? 0) ^
      (table[768 + (high & 255)] ?? 0) ^
      (table[512 + ((high >>> 8) & 255)] ?? 0) ^
      (table[256 + ((high >>> 16) & 255)] ?? 0) ^
      (table[high >>> 24] ?? 0);
  }
  for (; at < bytes.length; at++) crc = (crc >>> 8) ^ (table[(crc ^ (bytes[at] ?? 0)) & 255] ?? 0);
  return ~crc >>> 0;
}
