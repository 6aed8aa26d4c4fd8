import http from 'node:http';
import https from 'node:https';
import type { Duplex } from 'node:stream';

/**
 * Keep-alive agents whose sockets never hold the process open, not even with an export under way: a collector that does not
 * answer must not delay the end of a program.
 */
export function unrefAgentFactory(protocol: string): http.Agent {
  const agent = protocol === 'https:' ? new https.Agent(OPTIONS) : new http.Agent(OPTIONS);
  agent.on('free', unref);
  const connect = agent.createConnection.bind(agent);
  agent.createConnection = (options, callback) => {
    const socket = connect(options, callback);
    unref(socket);
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

// 30 s: the owner's keep-alive figure.
const OPTIONS = { keepAlive: true, keepAliveMsecs: 30_000, maxSockets: 16 };

function unref(socket: Duplex | null | undefined): void {
  (socket as { unref?: () => void } | null | undefined)?.unref?.();
}
