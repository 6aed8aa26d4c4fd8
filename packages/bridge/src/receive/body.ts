import type { IncomingMessage } from 'node:http';
import { promisify } from 'node:util';
import { gunzip, inflate } from 'node:zlib';
import type { Ticket } from './admission.js';
import { Refusal } from '../refusal.js';

const decompress = { gzip: promisify(gunzip), deflate: promisify(inflate) };

/**
 * Body of a request, decompressed, at most `maxBytes` before and after. What exceeds it is refused as soon as that is known:
 * by the Content-Length, by the bytes that came, or in the middle of decompression.
 *
 * @throws Refusal `too_large`, `unsupported_media_type`, `bad_request`, `overloaded`
 */
export async function readBody(
  request: IncomingMessage,
  ticket: Ticket,
  maxBytes: number,
): Promise<Uint8Array> {
  const encoding = (request.headers['content-encoding'] ?? 'identity').trim().toLowerCase();
  if (encoding !== 'identity' && encoding !== 'gzip' && encoding !== 'deflate') {
    throw new Refusal(
      'unsupported_media_type',
      `Content-Encoding ${encoding} is not supported; send gzip, deflate or none.`,
    );
  }
  const declared = Number(request.headers['content-length'] ?? 0);
  if (declared > maxBytes) throw tooLarge(`${declared} bytes`, maxBytes);
  const bytes = await collect(request, ticket, maxBytes);
  if (encoding === 'identity') return bytes;
  const plain = await unpack(bytes, encoding, maxBytes);
  ticket.take(plain.length);
  return plain;
}

async function collect(request: IncomingMessage, ticket: Ticket, maxBytes: number): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let length = 0;
  // Listeners, not `for await`: leaving that loop early would destroy the connection before the client has its answer.
  await new Promise<void>((resolve, reject) => {
    request.on('data', (chunk: Buffer) => {
      try {
        length += chunk.length;
        if (length > maxBytes) throw tooLarge(`more than ${maxBytes} bytes`, maxBytes);
        ticket.take(chunk.length);
        chunks.push(chunk);
      } catch (error) {
        chunks.length = 0;
        request.removeAllListeners('data');
        reject(error instanceof Error ? error : new Error(String(error)));
      }
    });
    request.once('end', resolve);
    request.once('close', () => {
      reject(new Refusal('bad_request', 'The connection closed before the body was complete.'));
    });
    request.once('error', (error) => {
      reject(new Refusal('bad_request', `The body could not be read: ${error.message}`, { cause: error }));
    });
  });
  const [only] = chunks;
  return chunks.length === 1 && only ? only : Buffer.concat(chunks, length);
}

// Bombs cost at most maxBytes for each of the four threads on which zlib works; what comes out is counted as in flight.
async function unpack(bytes: Buffer, encoding: 'gzip' | 'deflate', maxBytes: number): Promise<Buffer> {
  if (bytes.length === 0) return bytes;
  try {
    return await decompress[encoding](bytes, { maxOutputLength: maxBytes });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ERR_BUFFER_TOO_LARGE') {
      throw tooLarge(`more than ${maxBytes} bytes when decompressed`, maxBytes);
    }
    const reason = error instanceof Error ? error.message : String(error);
    throw new Refusal('bad_request', `The body is not ${encoding}: ${reason}`, { cause: error });
  }
}

const tooLarge = (size: string, maxBytes: number) =>
  new Refusal(
    'too_large',
    `The body has ${size}; the limit is ${maxBytes}. Send smaller batches, or raise limits.requestBytes.`,
  );
