import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { ObservabilityError, type ErrorResponse } from '@unhinged/observability-core';
import { closeServer, listen } from '../../receive/listen.js';
import type { ApiContext } from '../api/context.js';
import { routeOf } from '../api/routes.js';
import { checkHost, checkPost, readJson } from './guard.js';
import { sendPageFile } from './page-files.js';
import { SOURCE_MAPS, takeSourceMap } from './source-map-upload.js';

export interface ConsoleServerOptions {
  /** Address to bind to. It is also a host name that requests may use. */
  host: string;
  port: number;
  /** Folder of the built page. */
  pageDir: string | undefined;
  /** Who uploads source maps must have it; without one, whoever is on this machine. */
  uploadToken?: string | undefined;
}

const STOP_GRACE_MS = 2_000;

/** Nothing but the page's own files; no frame around it, no form out of it. */
const POLICY = [
  "default-src 'none'",
  ...["script-src 'self'", "style-src 'self'", "img-src 'self'", "font-src 'self'"],
  ...["connect-src 'self'", "manifest-src 'self'", "base-uri 'none'", "form-action 'none'"],
  "frame-ancestors 'none'",
].join('; ');

const HEADERS = {
  'Content-Security-Policy': POLICY,
  'X-Content-Type-Options': 'nosniff',
  'Referrer-Policy': 'no-referrer',
  'Cross-Origin-Resource-Policy': 'same-origin',
};

const STATUS: Readonly<Record<string, number>> = {
  ...{
    bad_request: 400,
    bad_query: 400,
    bad_source_map: 400,
    forbidden: 403,
    forbidden_host: 403,
    forbidden_origin: 403,
    not_found: 404,
  },
  ...{ method_not_allowed: 405, too_large: 413, unsupported_media_type: 415, query_busy: 429 },
  ...{ reader_closed: 503, lake_closed: 503, lake_write_failed: 503, too_many_clients: 503 },
  ...{ query_timeout: 504, flush_timeout: 504 },
};

/** The console: its page, its API, live events and health. */
export async function startConsoleServer(
  options: ConsoleServerOptions,
  context: ApiContext,
): Promise<{ port: number; stop: () => Promise<void> }> {
  const { host, pageDir, uploadToken } = options;
  const allowedHosts = [host.toLowerCase()];
  const server = createServer((request, response) => {
    for (const [name, value] of Object.entries(HEADERS)) response.setHeader(name, value);
    answer(request, response, context, { allowedHosts, pageDir, uploadToken }).catch((error: unknown) => {
      sendError(response, error, context);
    });
  });
  const port = await listen(server, 'the console', host, options.port);
  return {
    port,
    stop: async () => {
      context.live.close();
      await closeServer(server, STOP_GRACE_MS);
    },
  };
}

interface Settings {
  allowedHosts: readonly string[];
  pageDir: string | undefined;
  uploadToken: string | undefined;
}

async function answer(
  request: IncomingMessage,
  response: ServerResponse,
  context: ApiContext,
  { allowedHosts, pageDir, uploadToken }: Settings,
): Promise<void> {
  checkHost(request, allowedHosts);
  const [path = '/', search = ''] = (request.url ?? '/').split(/\?(.*)/s, 2);
  const isRead = request.method === 'GET' || request.method === 'HEAD';
  if (path === '/healthz' || path === '/readyz') {
    const reasons = path === '/readyz' ? context.notReady() : [];
    sendJson(response, reasons.length === 0 ? 200 : 503, {
      status: reasons.length === 0 ? 'ok' : 'not_ready',
      reasons,
    });
    return;
  }
  if (path === '/api/live') {
    if (request.method !== 'GET') throw notAllowed(request, response, 'GET');
    context.live.add(response);
    return;
  }
  if (path.startsWith(SOURCE_MAPS)) {
    if (request.method !== 'PUT') throw notAllowed(request, response, 'PUT');
    sendJson(response, 200, await takeSourceMap(request, path, context.sourceMaps, uploadToken));
    return;
  }
  const route = routeOf(path);
  if (route) {
    allowOnly(request, response, route.method);
    if (route.method === 'POST') checkPost(request);
    const result: unknown =
      route.method === 'POST'
        ? await route.answer(context, await readJson(request))
        : await route.answer(context, new URLSearchParams(search));
    sendJson(response, 200, result);
    return;
  }
  const isPage = !path.startsWith('/api/') && isRead && pageDir !== undefined;
  if (isPage && (await sendPageFile(request, response, pageDir, path))) return;
  throw new ObservabilityError(
    'not_found',
    pageDir === undefined && path === '/'
      ? 'The console page was not built into this installation. Its API is under /api/, for example /api/status.'
      : `There is nothing at ${JSON.stringify(path.slice(0, 200))}.`,
  );
}

function allowOnly(request: IncomingMessage, response: ServerResponse, method: 'GET' | 'POST'): void {
  if (request.method === method || (method === 'GET' && request.method === 'HEAD')) return;
  throw notAllowed(request, response, method === 'GET' ? 'GET, HEAD' : method);
}

function notAllowed(request: IncomingMessage, response: ServerResponse, allow: string): ObservabilityError {
  response.setHeader('Allow', allow);
  return new ObservabilityError('method_not_allowed', `Expected ${allow}, got ${String(request.method)}.`);
}

function sendJson(response: ServerResponse, status: number, body: unknown): void {
  const text = JSON.stringify(body);
  response.writeHead(status, {
    'Content-Type': 'application/json; charset=utf-8',
    'Content-Length': Buffer.byteLength(text),
    'Cache-Control': 'no-store',
  });
  response.end(text);
}

function sendError(response: ServerResponse, error: unknown, { counters }: ApiContext): void {
  const known = error instanceof ObservabilityError ? error : undefined;
  const status = STATUS[known?.code ?? ''] ?? 500;
  counters.add('console_errors_total', { code: known?.code ?? 'internal' });
  if (response.headersSent) {
    response.destroy();
    return;
  }
  const message = known?.message ?? (error instanceof Error ? error.message : String(error));
  const body: ErrorResponse = { error: { code: known?.code ?? 'internal', message } };
  // Of a body that is too large the rest is not read.
  if (status === 413) response.setHeader('Connection', 'close');
  sendJson(response, status, body);
}
