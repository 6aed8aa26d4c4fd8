// WebSockets of the package `ws`, server and client.
import { context } from '@opentelemetry/api';
import { observeAccepted, observeOpened } from './websocket/observe.js';
import { clientOptions, serverOptions } from './websocket/given-options.js';
import type { ClientOptions, WebSocketOptions } from './websocket/options.js';
import type { UpgradeRequest, WebSocketLike, WebSocketServerLike } from './websocket/socket-types.js';

export { jsonMessageContext } from './websocket/json-message-context.js';
export { activeRequestIds, identify } from './request/request-ids.js';
export type { ForwardedId, RequestIdOptions, RequestIds } from './request/request-ids.js';
export type { ClientOptions, MessageContext, WebSocketOptions } from './websocket/options.js';
export type { UpgradeRequest, WebSocketLike, WebSocketServerLike } from './websocket/socket-types.js';

/**
 * `traceServer(new WebSocketServer({ port }))`: spans for opening, messages, closing and errors of each connection from now on, and ids in
 * the log lines of its listeners. Returns the server.
 */
export function traceServer<Server extends WebSocketServerLike>(
  server: Server,
  options: WebSocketOptions = {},
): Server {
  const isNew = !serverOptions.has(server);
  serverOptions.set(server, options);
  if (isNew) {
    // First in line: the listeners that follow may send at once.
    server.prependListener('connection', (socket: WebSocketLike, request: UpgradeRequest) => {
      observeAccepted(socket, request, serverOptions.get(server) ?? options);
    });
  }
  return server;
}

/** `traceClient(new WebSocket(url))`: the same for a client's connection. Returns the socket. */
export function traceClient<Socket extends WebSocketLike>(
  socket: Socket,
  options: ClientOptions = {},
): Socket {
  clientOptions.set(socket, options);
  // The span of the opening belongs to whoever connects, not to the event that tells of it.
  const open = context.bind(context.active(), () => {
    observeOpened(socket, options);
  });
  if (socket.readyState === OPEN) open();
  else socket.prependListener('open', open);
  return socket;
}

/** `WebSocket.OPEN` */
const OPEN = 1;
