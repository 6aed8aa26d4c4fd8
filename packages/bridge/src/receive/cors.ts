import type { IncomingMessage, ServerResponse } from 'node:http';

/** Any port of this machine: where front ends are developed. */
export const DEFAULT_CORS_ORIGINS: readonly string[] = ['http://localhost:*', 'http://127.0.0.1:*'];

/** Seconds for which a browser may remember a preflight; browsers cap it at two hours. */
const MAX_AGE = 7200;

/** Which web pages may send to us: origins, in which `*` stands for any run of characters but a slash. */
export class Cors {
  readonly #allowed: readonly RegExp[];

  constructor(origins: readonly string[]) {
    this.#allowed = origins.map((origin) => {
      const parts = origin.split('*').map((part) => part.replace(/[\\^$.|?+()[\]{}]/g, '\\$&'));
      return new RegExp(`^${parts.join('[^/]*')}$`, 'i');
    });
  }

  allows(origin: string): boolean {
    return this.#allowed.some((pattern) => pattern.test(origin));
  }

  /** Headers that let the page read the answer. */
  apply(request: IncomingMessage, response: ServerResponse): void {
    response.setHeader('Vary', 'Origin');
    const { origin } = request.headers;
    if (origin === undefined || !this.allows(origin)) return;
    response.setHeader('Access-Control-Allow-Origin', origin);
    // Beacons of pages that are left come with credentials; we look at none.
    response.setHeader('Access-Control-Allow-Credentials', 'true');
    response.setHeader('Access-Control-Expose-Headers', 'Retry-After');
  }

  /** Answers a preflight: 204 whoever asks, with leave only for origins on the list. */
  preflight(request: IncomingMessage, response: ServerResponse): void {
    if (response.hasHeader('Access-Control-Allow-Origin')) {
      response.setHeader('Access-Control-Allow-Methods', 'POST');
      // Exporters send headers of their users' choice; the origin is what we check.
      const headers = request.headers['access-control-request-headers'] ?? 'content-type';
      response.setHeader('Access-Control-Allow-Headers', headers);
      response.setHeader('Access-Control-Max-Age', MAX_AGE);
    }
    response.writeHead(204).end();
  }
}
