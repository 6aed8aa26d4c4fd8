import { readFileSync } from 'node:fs';
import type { IncomingMessage, ServerResponse } from 'node:http';

import { startSite, type Site, type SiteOptions } from './site.js';

/** The bundle for a plain script tag, as it is published. */
export const scriptTag = readFileSync(
  new URL('../../../packages/web/dist/unhinged-observability.iife.min.js', import.meta.url),
  'utf8',
);

/** Nothing inline, no eval, no worker or request but the named ones. */
export const strict = (otlp: string): string =>
  `default-src 'none'; script-src 'self'; connect-src 'self' ${otlp}; worker-src 'self'; require-trusted-types-for 'script'`;

/** Serves scripts and pages under their names, with the receiver's address for `__OTLP__`, beside the page; `app.js` is empty. */
export async function serveFiles(
  files: Record<string, string>,
  options: Omit<SiteOptions, 'answer' | 'headers'> & { policy?: (otlp: string) => string } = {},
): Promise<Site> {
  const answer = (request: IncomingMessage, response: ServerResponse): boolean => {
    const text = files[request.url ?? ''];
    if (text === undefined) return false;
    const type = request.url?.endsWith('.js') ? 'text/javascript' : 'text/html';
    response.setHeader('content-type', type);
    if (type === 'text/html')
      response.setHeader('content-security-policy', headers['content-security-policy'] ?? '');
    response.end(text.replaceAll('__OTLP__', started.otlp));
    return true;
  };
  const headers: Record<string, string> = {};
  const started = await startSite('', { ...options, answer, headers });
  headers['content-security-policy'] = options.policy?.(started.otlp) ?? '';
  return started;
}
