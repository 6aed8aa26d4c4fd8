import { createServer } from 'node:net';
import { ownerOf, type PortOwner } from './port-owner.js';

export interface Ports {
  grpc: number;
  http: number;
  prometheus: number;
  console: number;
}

export const DEFAULT_PORTS: Readonly<Ports> = { grpc: 4317, http: 4318, prometheus: 8889, console: 4319 };

export const PORT_USE: Readonly<Record<keyof Ports, string>> = {
  grpc: 'OTLP/gRPC',
  http: 'OTLP/HTTP',
  prometheus: 'Prometheus metrics',
  console: 'the console',
};

/** Every port moved by the offset; a port that was asked for by number stays. */
export function shiftedPorts(offset: number, asked: Partial<Ports> = {}): Ports {
  return {
    grpc: asked.grpc ?? DEFAULT_PORTS.grpc + offset,
    http: asked.http ?? DEFAULT_PORTS.http + offset,
    prometheus: asked.prometheus ?? DEFAULT_PORTS.prometheus + offset,
    console: asked.console ?? DEFAULT_PORTS.console + offset,
  };
}

export interface TakenPort {
  use: keyof Ports;
  port: number;
  /** Undefined when the system does not tell. */
  owner: PortOwner | undefined;
}

/** The ports that somebody listens on already. */
export async function takenPorts(host: string, ports: Ports): Promise<TakenPort[]> {
  const taken: TakenPort[] = [];
  for (const [use, port] of Object.entries(ports) as [keyof Ports, number][]) {
    if (port !== 0 && !(await isFree(host, port))) taken.push({ use, port, owner: ownerOf(port) });
  }
  return taken;
}

/** `Port 4317, for OTLP/gRPC, is taken by process 123 (node server.js).` */
export function describeTaken({ use, port, owner }: TakenPort): string {
  const by = owner ? `by process ${owner.pid} (${owner.command})` : 'by a process this user may not see';
  return `Port ${port}, for ${PORT_USE[use]}, is taken ${by}.`;
}

function isFree(host: string, port: number): Promise<boolean> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once('error', (error: NodeJS.ErrnoException) => {
      // Anything else (no such address, no permission) is the server's to explain when it starts.
      if (error.code === 'EADDRINUSE') resolve(false);
      else if (error.code === 'EACCES' || error.code === 'EADDRNOTAVAIL') resolve(true);
      else reject(error);
    });
    server.listen({ host, port, exclusive: true }, () => {
      server.close(() => {
        resolve(true);
      });
    });
  });
}
