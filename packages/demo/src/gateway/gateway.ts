import cors from '@fastify/cors';
import swagger, { type StaticDocumentSpec } from '@fastify/swagger';
import swaggerUi from '@fastify/swagger-ui';
import websocket from '@fastify/websocket';
import type { Logger } from '@unhinged/observability-node';
import { requestContext } from '@unhinged/observability-node/fastify';
import { traceServer } from '@unhinged/observability-node/ws';
import fastify, { type FastifyError, type FastifyInstance } from 'fastify';

import { ApiError } from './api-error.js';
import { BackendClient } from './backend-client.js';
import openApi from './gen/openapi.json' with { type: 'json' };
import { LiveRooms } from './live-rooms.js';
import { addChatRoutes } from './routes.js';
import { readRoom } from './read-request.js';

export interface GatewayOptions {
  log: Logger;
  /** Address of the back end, without a slash at the end. */
  backendUrl: string;
  /** Origins of the front end that may ask from a browser. */
  webOrigins: readonly string[];
}

/** The gateway, not listening yet: REST as in chat.proto, `/ws`, `/docs`, `/metrics`, `/healthz`. */
export async function createGateway({
  log,
  backendUrl,
  webOrigins,
}: GatewayOptions): Promise<FastifyInstance> {
  const app = fastify({ logger: false, bodyLimit: 16 * 1024 });
  const rooms = new LiveRooms();

  await app.register(requestContext, { metrics: '/metrics' });
  await app.register(cors, {
    origin: [...webOrigins],
    methods: ['GET', 'POST'],
    allowedHeaders: ['content-type', 'traceparent', 'tracestate', 'baggage', 'x-correlation-id'],
    exposedHeaders: ['traceresponse', 'x-correlation-id', 'x-request-id'],
    maxAge: 600,
  });
  // The document comes from the proto service; nothing is derived from the routes.
  await app.register(swagger, {
    mode: 'static',
    specification: { document: openApi as unknown as StaticDocumentSpec['document'] },
  });
  await app.register(swaggerUi, { routePrefix: '/docs' });
  await app.register(websocket, { options: { maxPayload: 1024 } });
  traceServer(app.websocketServer);

  app.setErrorHandler<FastifyError>(async (error, request, reply) => {
    const known = toApiError(error);
    const facts = { method: request.method, path: request.url, status: known.status, code: known.code };
    if (known.status >= 500) log.error('Request failed', error, facts);
    else log.warn('Request refused', { ...facts, reason: known.message });
    return reply.status(known.status).send(known.toBody());
  });
  app.setNotFoundHandler((request) => {
    throw new ApiError(404, 'not_found', `There is no ${request.method} ${request.url}. See /docs.`);
  });

  app.get('/healthz', () => ({ status: 'ok', pid: process.pid }));
  app.get<{ Querystring: Record<string, unknown> }>(
    '/ws',
    {
      websocket: true,
      // Browsers send no preflight for WebSockets: without this any page could listen.
      preValidation: async (request) => {
        const { origin } = request.headers;
        if (origin !== undefined && !webOrigins.includes(origin)) {
          throw new ApiError(403, 'bad_request', `Origin ${origin} may not connect.`);
        }
        readRoom(request.query['room']);
        return Promise.resolve();
      },
    },
    (socket, request) => {
      socket.on('error', (error) => {
        log.warn('WebSocket failed', { reason: error.message });
      });
      if (rooms.join(readRoom(request.query['room']), socket)) return;
      log.warn('WebSocket refused: too many');
      socket.close(1013, 'Too many connections, try again later.');
    },
  );
  addChatRoutes(app, { log, rooms, backend: new BackendClient(backendUrl) });
  return app;
}

/** What Fastify itself refuses (malformed JSON, a body that is too large) is the client's to mend, all else is ours. */
function toApiError(error: FastifyError | ApiError): ApiError {
  if (error instanceof ApiError) return error;
  const { statusCode = 500, message } = error;
  return statusCode >= 400 && statusCode < 500
    ? new ApiError(statusCode, 'bad_request', message, { cause: error })
    : new ApiError(500, 'internal', 'The gateway failed. Its log says why.', { cause: error });
}
