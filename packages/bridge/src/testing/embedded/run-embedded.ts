import { mkdtemp, rm } from 'node:fs/promises';
import { request as httpRequest } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { jest } from '@jest/globals';
import { Journal } from '@unhinged/events/journal';
import type { EventRecord } from '@unhinged/events';
import { parsePolicy } from '@unhinged/observability-core';
import { Counters } from '../../counters.js';
import { startEmbedded, type EmbeddedOptions } from '../../embedded/start-embedded.js';
import { payloads } from './records.js';

export const POLICY = parsePolicy({
  windows: { sizeSeconds: 0.2, watermarkSeconds: 0.1, latenessSeconds: 1 },
  alerts: { errorSpike: { minRequests: 5, forSeconds: 0, resolveSeconds: 0.2 } },
});

// Long beyond what any of it takes: a busy machine is no failure.
jest.setTimeout(60_000);

const cleanups: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const cleanup of cleanups.splice(0).reverse()) await cleanup();
});
export const atEnd = (cleanup: () => Promise<void>) => cleanups.push(cleanup);

export async function tempDir(): Promise<string> {
  const dir = await mkdtemp(join(tmpdir(), 'unhinged-embedded-'));
  atEnd(() => rm(dir, { recursive: true, force: true }));
  return dir;
}

export async function until<T>(what: string, probe: () => T | Promise<T>): Promise<NonNullable<T>> {
  for (const end = Date.now() + 20_000; ;) {
    const value = await probe();
    if (value) return value;
    if (Date.now() > end) throw new Error(`Not within 20 s: ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}

/** A journal and everything behind it, in a folder; stopped when the test ends. */
export async function runEmbedded(dataDir: string, options: Partial<EmbeddedOptions> = {}) {
  const journal = await Journal.open({ dir: join(dataDir, 'journal'), retainBytes: 64 * 1024 * 1024 });
  const counters = new Counters();
  const embedded = await startEmbedded({
    ...{ journal, dataDir, counters, policy: POLICY, webhooks: [], version: '0.0.0-test' },
    console: { host: '127.0.0.1', port: 0, pageDir: undefined },
    ports: () => ({ grpc: 1, http: 2, prometheus: 3 }),
    ...options,
  }).catch(async (error: unknown) => {
    await journal.close();
    throw error;
  });
  let stopped: Promise<void> | undefined;
  const stop = () =>
    (stopped ??= (async () => {
      await embedded.stop();
      await journal.close();
    })());
  atEnd(stop);
  const url = `http://127.0.0.1:${embedded.consolePort}`;
  return {
    ...{ journal, embedded, counters, url, stop },
    append: (...records: EventRecord[]) => journal.append(payloads(...records)),
    get: async <T>(path: string): Promise<T> => {
      const response = await fetch(url + path);
      if (!response.ok) throw new Error(`${path}: ${response.status} ${await response.text()}`);
      return (await response.json()) as T;
    },
    post: (path: string, body: unknown, headers: Record<string, string> = {}) =>
      fetch(url + path, {
        method: 'POST',
        headers: { 'content-type': 'application/json', ...headers },
        body: typeof body === 'string' ? body : JSON.stringify(body),
      }),
  };
}
export type Running = Awaited<ReturnType<typeof runEmbedded>>;

/** What fetch does not let through: any path and any header. */
export function rawRequest(
  url: string,
  options: { method?: string; path?: string; headers?: Record<string, string>; body?: string } = {},
): Promise<{ status: number; headers: Record<string, string | string[] | undefined>; body: string }> {
  const { hostname, port } = new URL(url);
  return new Promise((resolve, reject) => {
    const { body, ...rest } = options;
    const request = httpRequest({ hostname, port, ...rest }, (response) => {
      const chunks: Buffer[] = [];
      response.on('data', (chunk: Buffer) => chunks.push(chunk));
      response.on('end', () => {
        resolve({
          status: response.statusCode ?? 0,
          headers: response.headers,
          body: Buffer.concat(chunks).toString(),
        });
      });
    });
    request.on('error', reject);
    request.end(body);
  });
}
