// The types of the real frameworks fit ours, which name no framework, and the subpaths work where no SDK runs.
import { expect, test } from '@jest/globals';
import express, { type Request } from 'express';
import Fastify from 'fastify';
import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { WebSocket, WebSocketServer } from 'ws';
import * as forExpress from './express.js';
import * as forFastify from './fastify.js';
import * as forWs from './ws.js';

async function listening(server: Server): Promise<string> {
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return `http://127.0.0.1:${(server.address() as AddressInfo).port.toString()}`;
}

test('Express', async () => {
  const app = express();
  app.use(forExpress.requestContext({ userId: (request: Request) => request.header('x-user') }));
  app.get('/ids', (_request, response) => {
    response.json(forExpress.activeRequestIds());
  });
  app.get('/metrics', forExpress.metrics());
  app.use(forExpress.recordErrors());
  const server = createServer(app);
  const url = await listening(server);
  try {
    const answer = await fetch(`${url}/ids`, { headers: { 'x-user': 'u-1', 'x-request-id': 'r-1' } });
    expect(await answer.json()).toEqual({ userId: 'u-1', requestId: 'r-1', correlationId: 'r-1' });
    expect(await (await fetch(`${url}/metrics`)).text()).toBe('# telemetry is off\n');
  } finally {
    server.close();
    server.closeAllConnections();
  }
});

test('an extractor that throws costs its id, not the request', async () => {
  const app = express();
  app.use(
    forExpress.requestContext({
      userId: () => {
        throw new Error('no database');
      },
    }),
  );
  app.get('/', (_request, response) => {
    response.send('fine');
  });
  const server = createServer(app);
  const url = await listening(server);
  try {
    const answer = await fetch(url);
    expect(await answer.text()).toBe('fine');
    expect(answer.headers.get('x-request-id')).not.toBeNull();
  } finally {
    server.close();
    server.closeAllConnections();
  }
});

test('Fastify', async () => {
  const app = Fastify();
  await app.register(forFastify.requestContext, {
    metrics: '/metrics',
    sessionId: (request) => request.headers['x-session']?.toString(),
  });
  app.get('/ids', () => forFastify.activeRequestIds());
  const answer = await app.inject({
    path: '/ids',
    headers: { 'x-session': 's-1', 'x-correlation-id': 'c-1' },
  });
  expect(answer.json()).toMatchObject({ sessionId: 's-1', correlationId: 'c-1' });
  expect(answer.headers['x-correlation-id']).toBe('c-1');
  await app.close();
});

test('ws', async () => {
  const server = createServer();
  const sockets = forWs.traceServer(new WebSocketServer({ server }));
  sockets.on('connection', (socket) => {
    socket.on('message', () => {
      socket.send(JSON.stringify(forWs.activeRequestIds()));
    });
  });
  const url = await listening(server);
  const client = forWs.traceClient(
    new WebSocket(url.replace('http', 'ws'), { headers: { 'x-correlation-id': 'c-1' } }),
  );
  await once(client, 'open');
  client.send('ids?');
  const [data] = (await once(client, 'message')) as [Buffer];
  expect(JSON.parse(data.toString())).toMatchObject({ correlationId: 'c-1' });
  client.terminate();
  await once(client, 'close');
  sockets.close();
  server.close();
});
