import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import { context } from '@opentelemetry/api';
import { getRPCMetadata, RPCType } from '@opentelemetry/core';
import { recordError } from '../request/record-error.js';

/** The part of Fastify 4 and 5 that is used here; the application brings its own copy. */
interface FastifyInstance {
  addHook(name: 'onRequest', hook: (request: FastifyRequest, reply: unknown, done: () => void) => void): void;
  addHook(
    name: 'onError',
    hook: (request: FastifyRequest, reply: unknown, error: Error, done: () => void) => void,
  ): void;
}
interface FastifyRequest {
  routeOptions?: { url?: string };
}

/**
 * Gives the HTTP server span the route's name (`GET /users/:id`, `http.route`) and records errors on it, for every Fastify
 * instance made afterwards. Fastify 5 announces each on a diagnostics channel, so this works for `import` and `require`
 * without patching anything. Returns the way to stop.
 */
export function instrumentFastify(): () => void {
  subscribe('fastify.initialization', onInitialization);
  return () => {
    unsubscribe('fastify.initialization', onInitialization);
  };
}

function onInitialization(message: unknown): void {
  const { fastify } = message as { fastify: FastifyInstance };
  fastify.addHook('onRequest', (request, _reply, done) => {
    // The HTTP instrumentation names the span and its duration metric by this when the response is sent.
    const metadata = getRPCMetadata(context.active());
    const route = request.routeOptions?.url;
    if (metadata?.type === RPCType.HTTP && route !== undefined) metadata.route = route;
    done();
  });
  fastify.addHook('onError', (_request, _reply, error, done) => {
    // The status is the HTTP instrumentation's, from the status code: 4xx is no error of the server (semantic conventions).
    recordError(error);
    done();
  });
}
