import { context, propagation } from '@opentelemetry/api';
import { uuidv7 } from '@unhinged/observability-core';
import { activeRequestIds, readRequestIds } from '../request/request-ids.js';
import { warnOnce } from '../warn.js';
import { Connection } from './connection.js';
import type { ClientOptions, WebSocketOptions } from './options.js';
import type { UpgradeRequest, WebSocketLike } from './socket-types.js';

const connections = new WeakMap<object, Connection>();
const PATH_LIMIT = 256;

/** Observes a connection that a server has accepted. Once a socket; never throws. */
export function observeAccepted(
  socket: WebSocketLike,
  request: UpgradeRequest,
  options: WebSocketOptions,
): void {
  observe(socket, options, () => ({
    side: 'server',
    path: pathOf(request.url),
    ids: readRequestIds(request.headers, request, options),
    parent: propagation.extract(context.active(), request.headers),
    reconnects: 0,
  }));
}

/** Observes a client's connection once it is open. Once a socket; never throws. */
export function observeOpened(socket: WebSocketLike, options: ClientOptions): void {
  const before = options.reconnectOf === undefined ? undefined : connections.get(options.reconnectOf);
  observe(socket, options, () => {
    const active = activeRequestIds();
    const requestId = uuidv7();
    return {
      side: 'client',
      path: pathOf(socket.url === undefined ? undefined : new URL(socket.url).pathname),
      ids: before?.facts.ids ?? { ...active, requestId, correlationId: active?.correlationId ?? requestId },
      parent: context.active(),
      reconnects: before === undefined ? 0 : before.facts.reconnects + 1,
      follows: before?.opening,
    };
  });
}

function observe(
  socket: WebSocketLike,
  options: WebSocketOptions,
  facts: () => ConstructorParameters<typeof Connection>[0],
): void {
  if (connections.has(socket)) return;
  try {
    const connection = new Connection(facts(), options);
    connections.set(socket, connection);
    interceptEvents(socket, connection);
    interceptSend(socket, connection);
  } catch (error) {
    warnOnce(`websocket: ${String(error)}; the connection goes on unobserved`);
  }
}

/**
 * The events pass here on their way to the listeners, whenever those were or will be added: a wrapper around `on` would miss the
 * earlier ones, a listener of ours could not be the context of the others.
 */
function interceptEvents(socket: WebSocketLike, connection: Connection): void {
  const emit = socket.emit.bind(socket);
  socket.emit = (event, ...args) => {
    switch (event) {
      case 'message': {
        const listeners = socket.rawListeners('message');
        const [data, flag] = args;
        // ws 7 gave text as a string, and no flag.
        const isBinary = typeof flag === 'boolean' ? flag : typeof data !== 'string';
        connection.receive(data, isBinary, () =>
          listeners.map((listener): unknown => Reflect.apply(listener as () => unknown, socket, args)),
        );
        return listeners.length > 0;
      }
      case 'close':
        connection.closed(Number(args[0]), textOf(args[1]));
        break;
      case 'error':
        connection.failed(args[0]);
        break;
    }
    return connection.run(() => emit(event, ...args));
  };
}

function interceptSend(socket: WebSocketLike, connection: Connection): void {
  const send = socket.send.bind(socket) as (data: unknown, ...rest: unknown[]) => void;
  const observed = (data: unknown, ...rest: unknown[]): void => {
    const [options] = rest;
    const { binary } = (typeof options === 'object' && options !== null ? options : {}) as {
      binary?: boolean;
    };
    connection.send(data, binary ?? typeof data !== 'string', (message) => {
      send(message, ...rest);
    });
  };
  (socket as { send: unknown }).send = observed;
}

function pathOf(url: string | undefined): string {
  return (url ?? '/').split('?', 1)[0]?.slice(0, PATH_LIMIT) || '/';
}

function textOf(reason: unknown): string {
  return Buffer.isBuffer(reason) ? reason.toString() : typeof reason === 'string' ? reason : '';
}
