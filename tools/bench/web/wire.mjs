// What goes over the wire, on its way to the real bridge.
import { listen } from './chromium.mjs';

/**
 * Passes OTLP on to a bridge; what the bridge does not know (Faro, Sentry) is answered with 200. Every page may send.
 * `onBody` sees what has been answered with 200, `preflightMs` is how long a preflight takes.
 */
export async function watchWire(target, { onBody, preflightMs = 0 }) {
  return listen(async (request, response) => {
    response.setHeader('access-control-allow-origin', request.headers.origin ?? '*');
    response.setHeader('access-control-allow-credentials', 'true');
    response.setHeader(
      'access-control-allow-headers',
      request.headers['access-control-request-headers'] ?? '*',
    );
    if (request.method === 'OPTIONS') {
      // Each request asks anew, as the first one of a page does.
      response.setHeader('access-control-max-age', 0);
      setTimeout(() => response.end(), preflightMs);
      return;
    }
    const chunks = [];
    try {
      for await (const chunk of request) chunks.push(chunk);
    } catch {
      // The page went away in the middle of it.
      return;
    }
    const body = Buffer.concat(chunks);
    const isOtlp = request.method === 'POST' && request.url.startsWith('/v1/');
    let ok = true;
    if (isOtlp) {
      const { 'content-type': type, 'content-encoding': encoding } = request.headers;
      const headers = { 'content-type': type, ...(encoding && { 'content-encoding': encoding }) };
      const answer = await fetch(target + request.url, { method: 'POST', headers, body });
      response.statusCode = answer.status;
      ok = answer.ok;
      if (!ok) console.error(`${request.url}: ${answer.status} ${await answer.text()}`);
    }
    if (ok) onBody(body, request.headers['content-encoding']);
    response.end(isOtlp ? undefined : '{}');
  });
}
