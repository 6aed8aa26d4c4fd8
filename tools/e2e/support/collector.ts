import { startBridge } from '@unhinged/observability-bridge';
import { createServer, request as send, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';

import { query, temporaryFolder } from './system.js';

/** Answers in place of the bridge; false lets a request through to it. */
type Mood = (request: IncomingMessage, response: ServerResponse) => boolean;

/** A real bridge, and in front of it what stands between a page and its collector: it may fail, as networks and collectors do. */
export interface Collector {
  url: string;
  /** Exports, in the order in which their bodies were complete. */
  requests: { path: string; encoding: string | undefined; bytes: number; status: () => number }[];
  /** Most exports at a time since it was last set to 0. */
  mostAtOnce: number;
  /** For exports. Undefined: they reach the bridge. */
  mood: Mood | undefined;
  /** For preflights. Undefined: the bridge answers them. */
  preflight: Mood | undefined;
  /** Milliseconds by which every export is answered later. */
  delayMs: number;
  /** How often each message is stored in the bridge. */
  lines(): Promise<Map<string, number>>;
  /** How often each name is. */
  spans(): Promise<Map<string, number>>;
  /** Names of the web vitals that are stored. */
  vitals(): Promise<string[]>;
  stop(): Promise<void>;
}

export async function startCollector(): Promise<Collector> {
  const folder = temporaryFolder();
  const dataDir = join(folder.path, 'data');
  const bridge = await startBridge({ dataDir, ports: { grpc: 0, http: 0, prometheus: 0, console: 0 } });
  let now = 0;
  const server = createServer((request, response) => {
    void handle(request, response).catch(() => response.destroy());
  });
  const handle = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    const body = Buffer.concat(chunks);
    if (request.method === 'POST') {
      collector.requests.push({
        path: request.url ?? '',
        encoding: request.headers['content-encoding'],
        bytes: body.length,
        status: () => (response.headersSent ? response.statusCode : 0),
      });
      // Until the answer begins: a client may have the end of one before we hear that it was sent.
      collector.mostAtOnce = Math.max(collector.mostAtOnce, ++now);
      if (collector.delayMs > 0) await new Promise((resolve) => setTimeout(resolve, collector.delayMs));
      now--;
      if (collector.mood?.(request, response) === true) return;
    }
    if (request.method === 'OPTIONS' && collector.preflight?.(request, response) === true) return;
    const passed = send(
      { port: bridge.ports.http, path: request.url, method: request.method, headers: request.headers },
      (answer) => {
        response.writeHead(answer.statusCode ?? 500, answer.headers);
        answer.pipe(response);
      },
    );
    passed.on('error', () => response.destroy());
    passed.end(body);
  };
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const counted = async (sql: string): Promise<Map<string, number>> => {
    await bridge.flush();
    return new Map(query(dataDir, sql).map(({ name, count }) => [String(name), Number(count)]));
  };
  const collector: Collector = {
    url: `http://127.0.0.1:${String((server.address() as AddressInfo).port)}`,
    requests: [],
    mostAtOnce: 0,
    mood: undefined,
    preflight: undefined,
    delayMs: 0,
    lines: () =>
      counted('select message as name, count(*) as count from observability_logs group by message'),
    spans: () => counted('select name, count(*) as count from observability_traces group by name'),
    vitals: async () => {
      const name = `attributes->>'$."browser.web_vital.name"'`;
      return [...(await counted(`select ${name} as name, 1 as count from observability_logs`)).keys()];
    },
    stop: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
      await bridge.stop();
      folder.remove();
    },
  };
  return collector;
}

/** As the bridge lets a page read its refusals. */
export function refuse(
  request: IncomingMessage,
  response: ServerResponse,
  status: number,
  headers: Record<string, string> = {},
): true {
  allow(request, response);
  response.writeHead(status, headers).end('no');
  return true;
}

/** What CORS asks of every answer. */
export function allow({ headers }: IncomingMessage, response: ServerResponse): void {
  response.setHeader('access-control-allow-origin', headers.origin ?? '*');
  response.setHeader('access-control-expose-headers', 'Retry-After');
}
