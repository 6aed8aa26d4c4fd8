import http from 'node:http';
import https from 'node:https';
import { context, ROOT_CONTEXT } from '@opentelemetry/api';
import { suppressTracing } from '@opentelemetry/core';
import type { SignalConfig } from '../../config/resolve.js';
import { compress } from './compress.js';
import { certificates } from './destination.js';
import { acceptedJson, acceptedProtobuf, retryAfterMs } from './response.js';
import type { Answer, Transport } from './transport.js';
import { unrefAgent } from './unref-agent.js';

/** OTLP specification, "OTLP/HTTP Response", retryable response codes. */
const RETRYABLE: ReadonlySet<number> = new Set([429, 502, 503, 504]);
const MAX_RESPONSE_BYTES = 1024 * 1024;

/** OTLP/HTTP, protobuf or JSON. @throws ObservabilityError for a bad certificate, TypeError for an address that is none. */
export function httpTransport(config: SignalConfig): Transport {
  const url = new URL(config.url);
  const module = url.protocol === 'https:' ? https : http;
  const tls = url.protocol === 'https:' ? certificates(config.tls) : {};
  const json = config.protocol === 'http/json';
  const gzip = config.compression === 'gzip';
  const headers = {
    'user-agent': 'unhinged-observability-node',
    ...config.headers,
    'content-type': json ? 'application/json' : 'application/x-protobuf',
    ...(gzip && { 'content-encoding': 'gzip' }),
  };
  let agent = unrefAgent(url.protocol, tls);
  return {
    send: async (body) => {
      try {
        const payload = gzip ? await compress(body) : body;
        return await post(module, url, { agent, headers, payload, json, timeoutMs: config.timeoutMs });
      } catch (error) {
        return { outcome: 'retry', message: error instanceof Error ? error.message : String(error) };
      }
    },
    disconnect: () => {
      agent.destroy();
      agent = unrefAgent(url.protocol, tls);
    },
  };
}

interface Post {
  agent: http.Agent;
  headers: Record<string, string>;
  payload: Uint8Array;
  json: boolean;
  timeoutMs: number;
}

function post(module: typeof http | typeof https, url: URL, options: Post): Promise<Answer> {
  const { agent, headers, payload, json, timeoutMs } = options;
  return new Promise((resolve, reject) => {
    // The export is in nobody's trace.
    const request = context.with(suppressTracing(ROOT_CONTEXT), () =>
      module.request(url, {
        method: 'POST',
        agent,
        headers: { ...headers, 'content-length': payload.length.toString() },
      }),
    );
    const timer = setTimeout(() => {
      request.destroy(new Error(`no answer within ${timeoutMs.toString()} ms`));
    }, timeoutMs);
    timer.unref();
    request.on('error', (error) => {
      clearTimeout(timer);
      reject(error);
    });
    request.on('response', (response) => {
      const chunks: Buffer[] = [];
      let size = 0;
      response.on('data', (chunk: Buffer) => {
        size += chunk.length;
        if (size <= MAX_RESPONSE_BYTES) chunks.push(chunk);
      });
      response.on('error', reject);
      response.on('end', () => {
        clearTimeout(timer);
        resolve(answer(response, Buffer.concat(chunks), json));
      });
    });
    request.end(payload);
  });
}

function answer(response: http.IncomingMessage, body: Buffer, json: boolean): Answer {
  const status = response.statusCode ?? 0;
  if (status >= 200 && status < 300) return json ? acceptedJson(body) : acceptedProtobuf(body);
  const message = `HTTP status ${status.toString()}: ${reasonIn(body, response)}`;
  if (RETRYABLE.has(status)) {
    const afterMs = retryAfterMs(response.headers['retry-after']);
    return { outcome: 'retry', message, ...(afterMs !== undefined && { afterMs }) };
  }
  return { outcome: status === 413 ? 'too_large' : 'refused', message };
}

/** Bodies of errors are a google.rpc.Status, JSON or a page: the printable beginning serves a person best. */
function reasonIn(body: Buffer, response: http.IncomingMessage): string {
  const text = body
    .subarray(0, 200)
    .toString('latin1')
    .replace(/[^\x20-\x7e]+/g, ' ')
    .trim();
  return text === '' ? (response.statusMessage ?? '') : text;
}
