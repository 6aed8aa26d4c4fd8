import kafkajs from 'kafkajs';
import { compress, uncompress } from 'snappyjs';

/**
 * kafkajs comes without Snappy. A batch leaves as one raw Snappy block, which every client reads; what Java clients write has the
 * framing of xerial's snappy-java: a magic of 8 bytes, two versions, then blocks with their length as a big-endian int32.
 */
export function registerSnappy(): void {
  const { CompressionCodecs, CompressionTypes } = kafkajs;
  CompressionCodecs[CompressionTypes.Snappy] = () => ({
    compress: (encoder: { buffer: Buffer }) => Promise.resolve(compress(encoder.buffer)),
    decompress: (buffer: Buffer) => Promise.resolve(decompress(buffer)),
  });
}

const MAGIC = Buffer.from([0x82, 0x53, 0x4e, 0x41, 0x50, 0x50, 0x59, 0x00]);
const HEADER_BYTES = 16;
/** More than any broker hands out in one batch. */
const MOST_BYTES = 128 * 1024 * 1024;

/** @throws Error when the bytes are no Snappy, or claim more than 128 MiB. */
export function decompress(buffer: Buffer): Buffer {
  if (!buffer.subarray(0, MAGIC.length).equals(MAGIC)) return uncompress(buffer, MOST_BYTES);
  const blocks: Buffer[] = [];
  let total = 0;
  for (let at = HEADER_BYTES; at < buffer.length;) {
    const length = buffer.readInt32BE(at);
    at += 4;
    if (length < 0 || at + length > buffer.length)
      throw new Error('Snappy block beyond the end of the batch');
    const block = uncompress(buffer.subarray(at, at + length), MOST_BYTES - total);
    total += block.length;
    blocks.push(block);
    at += length;
  }
  return Buffer.concat(blocks);
}
