import type { IncomingMessage } from 'node:http';
import { isIP } from 'node:net';
import { ObservabilityError } from '@unhinged/observability-core';

/** Body of a POST at most. */
const MAX_BODY = 1024 * 1024;

/**
 * Refuses a request whose Host header is neither a name of this machine's loopback nor one that was configured: a web page whose name
 * was made to point at 127.0.0.1 (DNS rebinding) would otherwise read everything.
 *
 * @param allowed Host names beyond the loopback ones, in lower case.
 * @throws ObservabilityError `forbidden_host`.
 */
export function checkHost(request: IncomingMessage, allowed: readonly string[]): void {
  const name = hostName(request.headers.host);
  if (name !== undefined && (isLoopback(name) || allowed.includes(name))) return;
  throw new ObservabilityError(
    'forbidden_host',
    `The console does not answer to the host ${JSON.stringify(name ?? '')}. Use localhost, or start the bridge with this name as its host.`,
  );
}

/**
 * Refuses what a foreign web page could send without being allowed to: a body that is not JSON, or another origin.
 *
 * @throws ObservabilityError `unsupported_media_type`, `forbidden_origin`.
 */
export function checkPost(request: IncomingMessage): void {
  const { origin, host, 'content-type': type = '' } = request.headers;
  if (type.split(';', 1)[0]?.trim().toLowerCase() !== 'application/json') {
    throw new ObservabilityError(
      'unsupported_media_type',
      `Expected Content-Type: application/json, got ${type === '' ? 'none' : JSON.stringify(type)}.`,
    );
  }
  if (origin === undefined || (URL.canParse(origin) && new URL(origin).host === host)) return;
  throw new ObservabilityError('forbidden_origin', `Requests from pages of ${origin} are not accepted.`);
}

/** The JSON in the body. @throws ObservabilityError `too_large`, `bad_request`. */
export async function readJson(request: IncomingMessage): Promise<unknown> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    bytes += chunk.length;
    if (bytes > MAX_BODY) {
      throw new ObservabilityError('too_large', `The body is larger than ${MAX_BODY} bytes.`);
    }
    chunks.push(chunk);
  }
  const text = Buffer.concat(chunks).toString('utf8');
  try {
    return JSON.parse(text);
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new ObservabilityError('bad_request', `The body is not JSON: ${reason}.`, { cause });
  }
}

/** Name without port and brackets, in lower case. */
function hostName(host: string | undefined): string | undefined {
  if (host === undefined || !URL.canParse(`http://${host}`)) return undefined;
  const { hostname, username, pathname } = new URL(`http://${host}`);
  if (username !== '' || pathname !== '/') return undefined;
  return hostname.replace(/^\[|\]$/g, '').toLowerCase();
}

/** Whether a peer is on this machine; an IPv4 address may come in its IPv6 form. */
export const isLoopbackAddress = (address: string | undefined): boolean =>
  address !== undefined && isLoopback(address.replace(/^::ffff:/i, ''));

const isLoopback = (name: string): boolean =>
  name === 'localhost' ||
  name.endsWith('.localhost') ||
  name === '::1' ||
  (isIP(name) === 4 && name.startsWith('127.'));
