import http from 'node:http';
import https from 'node:https';
import { Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import { unreferenced, type Target } from './destination.js';

// 30 s: the owner's keep-alive figure.
const OPTIONS = { keepAlive: true, keepAliveMsecs: 30_000, maxSockets: 16 };

/**
 * Keep-alive agents whose sockets never hold the process open, not even with an export under way: a collector that does not
 * answer must not delay the end of a program.
 */
export function unrefAgent(protocol: string, tls: Pick<Target, 'ca' | 'key' | 'cert'>): http.Agent {
  const agent = protocol === 'https:' ? new https.Agent({ ...OPTIONS, ...tls }) : new http.Agent(OPTIONS);
  agent.on('free', unref);
  const connect = agent.createConnection.bind(agent);
  agent.createConnection = (options, callback) => {
    const socket = connect(options, callback);
    if (socket instanceof Socket) unreferenced(socket);
    return socket;
  };
  // Node refs a socket again when it gives it to the next request.
  const reuse = agent.reuseSocket.bind(agent);
  agent.reuseSocket = (socket, request) => {
    reuse(socket, request);
    unref(socket);
  };
  return agent;
}

function unref(socket: Duplex): void {
  if (socket instanceof Socket) socket.unref();
}
