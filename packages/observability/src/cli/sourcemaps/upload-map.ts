import { dirname, relative, resolve } from 'node:path';
import { promisify } from 'node:util';
import { gzip } from 'node:zlib';
import type { ErrorResponse } from '@unhinged/observability-core';
import { Failure, messageOf } from '../failure.js';
import type { SourceMapJson } from './debug-id.js';

const pack = promisify(gzip);
const TIMEOUT_MS = 60_000;

/**
 * Sends a map to a bridge, without the sources themselves, which no stack needs and which stay here.
 *
 * @throws Failure with what the bridge said, or that it does not answer.
 */
export async function uploadMap(
  endpoint: string,
  debugId: string,
  map: SourceMapJson,
  { mapPath, token }: { mapPath: string; token: string | undefined },
): Promise<void> {
  const { version, names = [], mappings } = map;
  const body = await pack(
    JSON.stringify({ version, names, mappings, debugId, sources: sourcesOf(map, mapPath) }),
  );
  let response: Response;
  try {
    response = await fetch(`${endpoint}/api/sourcemaps/${debugId}`, {
      method: 'PUT',
      headers: {
        'content-type': 'application/json',
        'content-encoding': 'gzip',
        ...(token !== undefined && { authorization: `Bearer ${token}` }),
      },
      body,
      signal: AbortSignal.timeout(TIMEOUT_MS),
    });
  } catch (cause) {
    throw new Failure(1, `${endpoint} does not answer: ${messageOf(cause)}. Is \`unhinged up\` running?`, {
      cause,
    });
  }
  if (response.ok) return;
  const answer = (await response.json().catch(() => undefined)) as ErrorResponse | undefined;
  const reason =
    (answer as Partial<ErrorResponse> | undefined)?.error?.message ?? `it answered ${response.status}`;
  throw new Failure(1, `${endpoint} did not take the map of ${mapPath}: ${reason}`);
}

/** Sources as paths from the working folder, where they are in it; names of other schemes as they are. */
function sourcesOf({ sources, sourceRoot = '' }: SourceMapJson, mapPath: string): (string | null)[] {
  return sources.map((source) => {
    if (source === null || /^[a-z][a-z\d+.-]+:/i.test(sourceRoot + source))
      return source && sourceRoot + source;
    const path = relative(process.cwd(), resolve(dirname(mapPath), sourceRoot, source)).replaceAll('\\', '/');
    return path.startsWith('../') ? source : path;
  });
}
