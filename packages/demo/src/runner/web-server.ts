import { createReadStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import { createServer, type Server, type ServerResponse } from 'node:http';
import { extname, join, normalize, sep } from 'node:path';

/** What the page is told at run time, as `/config.json`, so that every port can be shifted without a new build. */
export interface PageConfig {
  /** For example `http://localhost:8082`. */
  gateway: string;
  /** OTLP/HTTP receiver, for example `http://localhost:4318`. */
  otlp: string;
  /** Where traces can be looked at, for example `http://localhost:4319`. */
  console: string;
}

const types: Record<string, string> = {
  '.css': 'text/css; charset=utf-8',
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.json': 'application/json; charset=utf-8',
  '.svg': 'image/svg+xml',
};

/**
 * Serves the built page from a folder; a path without an extension that is no file gets index.html, as pages with routes of
 * their own need. Not listening yet.
 */
export function createWebServer(folder: string, config: PageConfig): Server {
  const headers = {
    'content-security-policy': contentPolicy(config),
    'x-content-type-options': 'nosniff',
    'referrer-policy': 'no-referrer',
  };
  return createServer((request, response) => {
    for (const [name, value] of Object.entries(headers)) response.setHeader(name, value);
    if (request.method !== 'GET' && request.method !== 'HEAD') {
      response.writeHead(405, { allow: 'GET, HEAD' }).end();
      return;
    }
    void answer(folder, config, request.url ?? '/', response);
  });
}

async function answer(
  folder: string,
  config: PageConfig,
  url: string,
  response: ServerResponse,
): Promise<void> {
  const path = pathOf(url);
  if (path === '/healthz') {
    sendJson(response, { status: 'ok' });
    return;
  }
  if (path === '/config.json') {
    sendJson(response, config);
    return;
  }
  const wanted = path === undefined ? undefined : await fileAt(folder, path);
  const fallback =
    path === undefined || extname(path) !== '' ? undefined : await fileAt(folder, '/index.html');
  const file = wanted ?? fallback;
  if (file === undefined) {
    response.writeHead(404, { 'content-type': 'text/plain; charset=utf-8' }).end('Not found\n');
    return;
  }
  response.writeHead(200, {
    'content-type': types[extname(file)] ?? 'application/octet-stream',
    // Names under /assets carry a hash of their content.
    'cache-control': path?.startsWith('/assets/') ? 'public, max-age=31536000, immutable' : 'no-cache',
  });
  createReadStream(file)
    .on('error', () => response.destroy())
    .pipe(response);
}

function sendJson(response: ServerResponse, value: unknown): void {
  response.writeHead(200, { 'content-type': 'application/json', 'cache-control': 'no-store' });
  response.end(JSON.stringify(value));
}

/** The decoded path of a URL, undefined when it is malformed. */
function pathOf(url: string): string | undefined {
  try {
    return decodeURIComponent(new URL(url, 'http://localhost').pathname);
  } catch {
    return undefined;
  }
}

/** A file inside the folder, undefined when there is none. */
async function fileAt(folder: string, path: string): Promise<string | undefined> {
  const file = normalize(join(folder, path === '/' ? 'index.html' : path));
  // A path may come decoded as ../../etc/passwd.
  if (!file.startsWith(folder.endsWith(sep) ? folder : `${folder}${sep}`) || file.includes('\0'))
    return undefined;
  const found = await stat(file).catch(() => undefined);
  return found?.isFile() === true ? file : undefined;
}

function contentPolicy({ gateway, otlp }: PageConfig): string {
  const live = gateway.replace(/^http/, 'ws');
  return `default-src 'self'; connect-src 'self' ${gateway} ${live} ${otlp}; img-src 'self' data:; base-uri 'none'; frame-ancestors 'none'`;
}
