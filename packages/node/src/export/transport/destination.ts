import { readFileSync } from 'node:fs';
import { connect as connectTcp, type Socket } from 'node:net';
import { connect as connectTls } from 'node:tls';
import { ObservabilityError } from '@unhinged/observability-core';
import type { SignalConfig } from '../../config/resolve.js';

/** Where a connection goes, and how. */
export interface Target {
  host: string;
  port: number;
  /** Path of a Unix socket, instead of host and port. */
  path?: string;
  secure: boolean;
  ca?: Buffer;
  key?: Buffer;
  cert?: Buffer;
}

/**
 * TCP connections are given up after this. Short, since a connection attempt is the one thing that holds a process which has
 * ended (libuv counts it even when its handle is unref'd); two losses of the first packet fit in.
 */
export const CONNECT_TIMEOUT_MS = 4_000;

/**
 * gRPC targets: `http://host:port`, `https://host:port`, `unix:/path`, `dns:///host:port` and bare `host:port`, which is TLS unless
 * OTEL_EXPORTER_OTLP_INSECURE says otherwise (OTLP exporter specification).
 *
 * @throws ObservabilityError `bad_certificate` naming the file, `bad_endpoint`.
 */
export function grpcTarget(config: Pick<SignalConfig, 'url' | 'tls' | 'insecure'>): Target {
  const { url, insecure } = config;
  const unix = /^unix:(?:\/\/)?(.+)$/.exec(url)?.[1];
  if (unix !== undefined) return { host: 'localhost', port: 0, path: unix, secure: false };
  const bare = /^(?:dns:(?:\/\/[^/]*\/)?)?([^/:]+|\[[^\]]+\])(?::(\d+))?$/.exec(url);
  const parsed = new URL(
    bare === null ? url : `${insecure ? 'http' : 'https'}://${bare[1] ?? ''}:${bare[2] ?? '4317'}`,
  );
  const secure = parsed.protocol === 'https:';
  if (!secure && parsed.protocol !== 'http:') {
    throw new ObservabilityError('bad_endpoint', `the endpoint must be http, https or unix, got '${url}'`);
  }
  return {
    host: parsed.hostname.replace(/^\[|\]$/g, ''),
    port: parsed.port === '' ? (secure ? 443 : 80) : Number(parsed.port),
    secure,
    ...(secure && certificates(config.tls)),
  };
}

/** The PEM files. @throws ObservabilityError `bad_certificate` naming the file. */
export function certificates(tls: SignalConfig['tls']): Pick<Target, 'ca' | 'key' | 'cert'> {
  const { certificate, clientKey, clientCertificate } = tls;
  return {
    ...(certificate !== undefined && { ca: readPem(certificate, 'OTEL_EXPORTER_OTLP_CERTIFICATE') }),
    ...(clientKey !== undefined && { key: readPem(clientKey, 'OTEL_EXPORTER_OTLP_CLIENT_KEY') }),
    ...(clientCertificate !== undefined && {
      cert: readPem(clientCertificate, 'OTEL_EXPORTER_OTLP_CLIENT_CERTIFICATE'),
    }),
  };
}

function readPem(file: string, variable: string): Buffer {
  try {
    return readFileSync(file);
  } catch (cause) {
    throw new ObservabilityError('bad_certificate', `${variable} names '${file}': ${String(cause)}`, {
      cause,
    });
  }
}

/** A socket for HTTP/2 that never holds the process open, except while its TCP connection is being made. */
export function openSocket(target: Target): Socket {
  const { host, port, path, secure } = target;
  const where = path === undefined ? { host, port } : { path };
  const socket = secure
    ? connectTls({ ...target, ...where, servername: host, ALPNProtocols: ['h2'] })
    : connectTcp(where);
  return unreferenced(socket);
}

/** Lets go of the process, and gives up a TCP connection that does not come about. */
export function unreferenced<T extends Socket>(socket: T): T {
  socket.unref();
  if (!socket.connecting) return socket;
  const timer = setTimeout(() => {
    if (socket.connecting) {
      socket.destroy(new Error(`no connection within ${CONNECT_TIMEOUT_MS.toString()} ms`));
    }
  }, CONNECT_TIMEOUT_MS);
  timer.unref();
  const clear = () => {
    clearTimeout(timer);
  };
  socket.once('connect', clear).once('close', clear);
  return socket;
}
