import {
  ExportLogsServiceRequest,
  ExportMetricsServiceRequest,
  ExportTraceServiceRequest,
  type KeyValue,
  type LogRecord,
  type Metric,
  type Span,
} from '@unhinged/observability-proto/otlp';
import { structFromKeyValues } from '@unhinged/observability-core';
import { build } from 'esbuild';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { buffer } from 'node:stream/consumers';
import { setTimeout } from 'node:timers/promises';
import { gunzipSync } from 'node:zlib';
import { fileURLToPath } from 'node:url';

type Plain = ReturnType<typeof structFromKeyValues>;

/** A page of its own origin built with esbuild, and an OTLP/HTTP receiver on another one that keeps what it is sent. */
export interface Site {
  /** Address of the page; its own API is what `answer` gives. */
  url: string;
  /** Address for `endpoint`. */
  otlp: string;
  spans: (Span & { plain: Plain; resource: Plain })[];
  logs: (LogRecord & { plain: Plain })[];
  metrics: Metric[];
  /** Bytes of all OTLP bodies as they came over the wire. */
  bytes: () => number;
  /** Requests to the page's own origin that were not files of it. */
  calls: IncomingMessage[];
  stop(): Promise<void>;
}

export interface SiteOptions {
  /** Address for `endpoint` in place of the site's own receiver. */
  otlp?: string;
  /** Head of the page, for example a meta element. */
  head?: string;
  body?: string;
  /** Response headers of the page itself, for example a policy. */
  headers?: Record<string, string>;
  /** What the receiver's answer to a preflight takes. */
  preflightMs?: number;
  /** Answers what is no file of the page; false when it does not know the address. */
  answer?: (request: IncomingMessage, response: ServerResponse) => boolean;
}

/** Builds the script, which may import `@unhinged/observability-web` and read `__OTLP__`, and serves it. */
export async function startSite(script: string, options: SiteOptions = {}): Promise<Site> {
  const receiver = await listen((request, response) => {
    void receive(request, response);
  });
  const files = await bundle(script, options.otlp ?? receiver.url);
  const page = await listen((request, response) => {
    const path = new URL(request.url ?? '/', 'http://x').pathname;
    const file = files.get(path);
    if (file !== undefined) {
      response.setHeader('content-type', 'text/javascript');
      response.end(file);
    } else if (path === '/' || path.startsWith('/page')) {
      for (const [name, value] of Object.entries(options.headers ?? {})) response.setHeader(name, value);
      response.setHeader('content-type', 'text/html');
      response.end(
        `<!doctype html><head>${options.head ?? ''}<script type="module" src="/app.js"></script></head><body>${options.body ?? ''}</body>`,
      );
    } else {
      site.calls.push(request);
      if (options.answer?.(request, response) === true) return;
      response.end('{}');
    }
  });
  let bytes = 0;
  const receive = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    response.setHeader('access-control-allow-origin', '*');
    response.setHeader('access-control-allow-headers', '*');
    if (request.method === 'OPTIONS') await setTimeout(options.preflightMs ?? 0);
    // A page that is closed may leave a body half sent: that never became a request, and fails no test.
    const body = await buffer(request).catch(() => undefined);
    if (body === undefined) return;
    if (request.method === 'POST') {
      bytes += body.length;
      const isGzip = request.headers['content-encoding'] === 'gzip' || (body[0] === 0x1f && body[1] === 0x8b);
      decode(site, request.url ?? '', isGzip ? gunzipSync(body) : body);
    }
    response.end();
  };
  const site: Site = {
    url: page.url,
    otlp: receiver.url,
    spans: [],
    logs: [],
    metrics: [],
    calls: [],
    bytes: () => bytes,
    stop: async () => {
      await Promise.all([page.close(), receiver.close()]);
    },
  };
  return site;
}

function decode(site: Site, path: string, body: Uint8Array): void {
  if (path.startsWith('/v1/traces')) {
    for (const { resource, scopeSpans } of ExportTraceServiceRequest.decode(body).resourceSpans) {
      for (const span of scopeSpans.flatMap((scope) => scope.spans)) {
        site.spans.push({ ...span, plain: plain(span.attributes), resource: plain(resource?.attributes) });
      }
    }
  } else if (path.startsWith('/v1/logs')) {
    for (const { scopeLogs } of ExportLogsServiceRequest.decode(body).resourceLogs) {
      for (const log of scopeLogs.flatMap((scope) => scope.logRecords)) {
        site.logs.push({ ...log, plain: plain(log.attributes) });
      }
    }
  } else if (path.startsWith('/v1/metrics')) {
    for (const { scopeMetrics } of ExportMetricsServiceRequest.decode(body).resourceMetrics) {
      site.metrics.push(...scopeMetrics.flatMap((scope) => scope.metrics));
    }
  }
}

const plain = (attributes: KeyValue[] | undefined): Plain => structFromKeyValues(attributes ?? []);

async function bundle(script: string, otlp: string): Promise<Map<string, Uint8Array>> {
  const result = await build({
    stdin: { contents: script, loader: 'ts', resolveDir: fileURLToPath(new URL('../..', import.meta.url)) },
    bundle: true,
    splitting: true,
    format: 'esm',
    platform: 'browser',
    target: 'es2020',
    conditions: ['@unhinged/source', 'module'],
    define: { __OTLP__: JSON.stringify(otlp) },
    entryNames: 'app',
    outdir: '/',
    write: false,
    logLevel: 'silent',
  });
  return new Map(result.outputFiles.map(({ path, contents }) => [path.replace('stdin', 'app'), contents]));
}

async function listen(
  handler: (request: IncomingMessage, response: ServerResponse) => void,
): Promise<{ url: string; close: () => Promise<void> }> {
  const server = createServer(handler);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${String((server.address() as AddressInfo).port)}`,
    close: () =>
      new Promise((resolve) => {
        server.closeAllConnections();
        server.close(() => {
          resolve();
        });
      }),
  };
}
