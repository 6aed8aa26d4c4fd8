// Fastify 4 and 5.
import type { IncomingMessage, ServerResponse } from 'node:http';
import { beginRequest } from './request/begin-request.js';
import { recordError } from './request/record-error.js';
import type { RequestIdOptions } from './request/request-ids.js';
import { currentMetrics } from './start-node.js';

export { activeRequestIds, identify } from './request/request-ids.js';
export type { ForwardedId, RequestIdOptions, RequestIds } from './request/request-ids.js';

/** The parts of Fastify that are used here; its types are not needed. */
export interface FastifyRequestLike {
  readonly raw: IncomingMessage;
  readonly headers: IncomingMessage['headers'];
  readonly routeOptions?: { url?: string | undefined };
}
export interface FastifyReplyLike {
  readonly raw: ServerResponse;
  header(name: string, value: string): unknown;
  hijack(): unknown;
}
type Done = (error?: Error) => void;
export interface FastifyLike {
  addHook(
    name: 'onRequest',
    hook: (request: FastifyRequestLike, reply: FastifyReplyLike, done: Done) => void,
  ): unknown;
  addHook(
    name: 'onError',
    hook: (request: FastifyRequestLike, reply: FastifyReplyLike, error: Error, done: Done) => void,
  ): unknown;
  get(path: string, handler: (request: FastifyRequestLike, reply: FastifyReplyLike) => unknown): unknown;
}

export interface RequestContextOptions extends RequestIdOptions<FastifyRequestLike> {
  /** Path that answers with this process's metrics for Prometheus, such as `/metrics`. Default: none. */
  metrics?: string;
}

/**
 * `await app.register(requestContext)`: correlation and request id in the response, in every log line and on the span, route names on
 * spans, exceptions recorded; for all routes, not only those of the plugin's own scope.
 */
export function requestContext(app: FastifyLike, options: RequestContextOptions, done: Done): void {
  app.addHook('onRequest', (request, reply, next) => {
    beginRequest({ request: request.raw, response: reply.raw }, request, options, (span) => {
      const route = request.routeOptions?.url;
      if (route !== undefined) span?.setRoute(route);
      next();
    });
  });
  app.addHook('onError', (_request, _reply, error, next) => {
    recordError(error);
    next();
  });
  if (options.metrics !== undefined) {
    app.get(options.metrics, (request, reply) => {
      reply.hijack();
      return currentMetrics(request.raw, reply.raw);
    });
  }
  done();
}

// What the package fastify-plugin does: the hooks are for the instance that registers, not for a scope of the plugin's own.
Object.assign(requestContext, {
  [Symbol.for('skip-override')]: true,
  [Symbol.for('fastify.display-name')]: '@unhinged/observability-node/fastify',
  [Symbol.for('plugin-meta')]: { name: '@unhinged/observability-node/fastify', fastify: '>=4' },
});
