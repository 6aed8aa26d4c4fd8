import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { ObservabilityError } from '@unhinged/observability-core';

/**
 * Binds an HTTP server; resolves with its port.
 *
 * @throws ObservabilityError `port_taken` or `listen_failed`, naming the port and the service that wanted it.
 */
export function listen(server: Server, service: string, host: string, port: number): Promise<number> {
  return new Promise((resolve, reject) => {
    const onError = (error: NodeJS.ErrnoException) => {
      reject(listenError(service, host, port, error));
    };
    server.once('error', onError);
    server.listen(port, host, () => {
      server.off('error', onError);
      resolve((server.address() as AddressInfo).port);
    });
  });
}

export function listenError(service: string, host: string, port: number, cause: Error): ObservabilityError {
  const taken = 'code' in cause ? cause.code === 'EADDRINUSE' : cause.message.includes('EADDRINUSE');
  return taken
    ? new ObservabilityError(
        'port_taken',
        `Port ${port} on ${host}, wanted for ${service}, is taken by another program. Stop it, or choose another port ` +
          '(0 takes any free one).',
        { cause },
      )
    : new ObservabilityError(
        'listen_failed',
        `${service} cannot listen on ${host}:${port}: ${cause.message}`,
        { cause },
      );
}

/** Stops accepting, lets requests under way finish for `graceMs`, then cuts what is left. */
export function closeServer(server: Server, graceMs: number): Promise<void> {
  return new Promise((resolve) => {
    const cut = setTimeout(() => {
      server.closeAllConnections();
    }, graceMs);
    server.close(() => {
      clearTimeout(cut);
      resolve();
    });
    server.closeIdleConnections();
  });
}
