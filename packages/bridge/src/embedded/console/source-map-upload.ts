import { timingSafeEqual } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import { promisify } from 'node:util';
import { gunzip } from 'node:zlib';
import { ObservabilityError } from '@unhinged/observability-core';
import { debugIdOf, type SourceMapStore } from '../source-maps/source-map-store.js';
import { checkPost, isLoopbackAddress } from './guard.js';

export const SOURCE_MAPS = '/api/sourcemaps/';

const unpack = promisify(gunzip);
/** Maps that are taken at a time: each is held whole while it is checked. */
const MAX_UPLOADS = 2;
let uploads = 0;

/**
 * `PUT /api/sourcemaps/<debug id>`: stores the map in the body, JSON, plain or gzip. From this machine, or with the token.
 *
 * @throws ObservabilityError `forbidden`, `bad_request`, `too_large`, `too_many_clients`, `bad_source_map`.
 */
export async function takeSourceMap(
  request: IncomingMessage,
  path: string,
  maps: SourceMapStore,
  token: string | undefined,
): Promise<{ debugId: string }> {
  checkUploader(request, token);
  checkPost(request);
  const debugId = debugIdOf(path.slice(SOURCE_MAPS.length));
  if (debugId === undefined) {
    throw new ObservabilityError(
      'bad_request',
      'Path: expected a debug id, a UUID such as 85314830-023f-4cf1-a267-535f4e37bb17.',
    );
  }
  if (uploads >= MAX_UPLOADS) {
    throw new ObservabilityError(
      'too_many_clients',
      `${MAX_UPLOADS} source maps are being taken already. Try again in a second.`,
    );
  }
  uploads++;
  try {
    await maps.put(debugId, await bodyOf(request, maps.limits.mapBytes));
    return { debugId };
  } finally {
    uploads--;
  }
}

/** With a token set only its bearers: behind a proxy everybody seems to be on this machine. */
function checkUploader(request: IncomingMessage, token: string | undefined): void {
  if (token === undefined) {
    if (isLoopbackAddress(request.socket.remoteAddress)) return;
    throw new ObservabilityError(
      'forbidden',
      'Source maps are taken from this machine only. Start the bridge with UNHINGED_UPLOAD_TOKEN, and upload with the same.',
    );
  }
  const given = Buffer.from(request.headers.authorization ?? '');
  const expected = Buffer.from(`Bearer ${token}`);
  if (given.length === expected.length && timingSafeEqual(given, expected)) return;
  throw new ObservabilityError(
    'forbidden',
    'Source maps are taken with a token here: set UNHINGED_UPLOAD_TOKEN to that of the bridge.',
  );
}

async function bodyOf(request: IncomingMessage, maxBytes: number): Promise<string> {
  const tooLarge = () =>
    new ObservabilityError(
      'too_large',
      `The source map is larger than ${maxBytes} bytes without its sources.`,
    );
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    bytes += chunk.length;
    if (bytes > maxBytes) throw tooLarge();
    chunks.push(chunk);
  }
  const body = Buffer.concat(chunks);
  if (request.headers['content-encoding'] !== 'gzip') return body.toString('utf8');
  try {
    return (await unpack(body, { maxOutputLength: maxBytes })).toString('utf8');
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code === 'ERR_BUFFER_TOO_LARGE') throw tooLarge();
    throw new ObservabilityError('bad_request', 'The body is not gzip, as its Content-Encoding says.', {
      cause,
    });
  }
}
