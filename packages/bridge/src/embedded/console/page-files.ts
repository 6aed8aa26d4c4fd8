import { createReadStream, type Stats } from 'node:fs';
import { realpath, stat } from 'node:fs/promises';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { extname, join, resolve, sep } from 'node:path';
import { pipeline } from 'node:stream/promises';

const TYPES: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.json': 'application/json; charset=utf-8',
  '.map': 'application/json; charset=utf-8',
  '.svg': 'image/svg+xml',
  '.png': 'image/png',
  '.ico': 'image/x-icon',
  '.woff2': 'font/woff2',
  '.txt': 'text/plain; charset=utf-8',
  '.webmanifest': 'application/manifest+json',
};

/** Vite gives files in assets/ a name that changes with their content. */
const FOREVER = 'public, max-age=31536000, immutable';

/**
 * Sends a file of the page. A path without an extension is a view of the page, so it gets index.html.
 *
 * @returns False when there is no such file; nothing was sent then.
 */
export async function sendPageFile(
  request: IncomingMessage,
  response: ServerResponse,
  pageDir: string,
  path: string,
): Promise<boolean> {
  const isView = extname(path) === '';
  const file = await fileOf(pageDir, isView ? '/index.html' : path);
  if (!file) return false;
  response.writeHead(200, {
    'Content-Type': TYPES[extname(file.path)] ?? 'application/octet-stream',
    'Content-Length': file.stats.size,
    'Cache-Control': path.startsWith('/assets/') ? FOREVER : 'no-cache',
  });
  if (request.method === 'HEAD') {
    response.end();
    return true;
  }
  // A reader that goes away in the middle is nobody's error.
  await pipeline(createReadStream(file.path), response).catch(() => undefined);
  return true;
}

/** A file inside the folder, links resolved; undefined when there is none or it lies outside. */
async function fileOf(pageDir: string, path: string): Promise<{ path: string; stats: Stats } | undefined> {
  try {
    const root = await realpath(resolve(pageDir));
    const wanted = await realpath(join(root, decodeURIComponent(path)));
    if (!wanted.startsWith(root + sep)) return undefined;
    const stats = await stat(wanted);
    return stats.isFile() ? { path: wanted, stats } : undefined;
  } catch {
    // Missing, a bad escape, a zero byte, too long: all the same to whoever asks.
    return undefined;
  }
}
