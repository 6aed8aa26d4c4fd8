import { connect, isIP, type Socket } from 'node:net';
import { connect as connectTls } from 'node:tls';

import type { ISocketFactoryArgs } from 'kafkajs';

const KEEP_ALIVE_MS = 60_000;

/**
 * A socket for kafkajs, as it would make one itself. While a broker is away kafkajs unrefs the closed socket of the last connection again and
 * again, and Node puts that off until the socket connects, with a listener for each time: a closed socket has nothing to unref.
 */
export function createSocket({ host, port, ssl, onConnect }: ISocketFactoryArgs): Socket {
  const name = isIP(host) === 0 ? { servername: host } : {};
  // The type of kafkajs says less than what comes: none is undefined, and true stands for the defaults of `tls.connect`.
  const tls = ssl as typeof ssl | true | undefined;
  const socket = tls
    ? connectTls(Object.assign({ host, port, ...name }, tls), onConnect)
    : connect({ host, port }, onConnect);
  socket.setKeepAlive(true, KEEP_ALIVE_MS);
  socket.once('close', () => {
    socket.unref = () => socket;
  });
  return socket;
}
