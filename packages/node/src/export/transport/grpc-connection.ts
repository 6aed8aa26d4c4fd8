import { connect, constants, type ClientHttp2Session } from 'node:http2';
import { openSocket, type Target } from './destination.js';

/** Owner's figure. */
const KEEP_ALIVE_MS = 30_000;
const PING_TIMEOUT_MS = 10_000;

/**
 * One HTTP/2 connection to a collector, made when it is needed and made again when it is gone. Its session never holds the process
 * open. A ping every 30 s notices a peer that vanished, and keeps the path through load balancers open.
 */
export class GrpcConnection {
  private session: ClientHttp2Session | undefined;
  private connecting: Promise<ClientHttp2Session> | undefined;
  private abort: (() => void) | undefined;
  private keepAliveMs = KEEP_ALIVE_MS;
  /** Sends under way, of all signals that share the connection. */
  private sends = 0;

  constructor(private readonly target: Target) {}

  /** Runs one send. Counted, so that no signal closes the connection under another one. */
  async use<T>(send: () => Promise<T>): Promise<T> {
    this.sends += 1;
    try {
      return await send();
    } finally {
      this.sends -= 1;
    }
  }

  /** The usable session, new within `timeoutMs`. @throws Error with what stands in the way. */
  async open(timeoutMs: number): Promise<ClientHttp2Session> {
    const { session } = this;
    if (session !== undefined && !session.closed && !session.destroyed) return session;
    this.connecting ??= this.connect(timeoutMs).finally(() => {
      this.connecting = undefined;
    });
    return this.connecting;
  }

  /** No new requests on this session; those under way may end. */
  retire(session: ClientHttp2Session): void {
    if (this.session === session) this.session = undefined;
    session.close();
  }

  /** Closes the connection at once, unless it is used for more than the caller's own sends. */
  disconnect(ownSends: number): void {
    if (this.sends > ownSends) return;
    this.session?.destroy();
    this.session = undefined;
    this.abort?.();
  }

  private async connect(timeoutMs: number): Promise<ClientHttp2Session> {
    const { host, port, secure } = this.target;
    const socket = openSocket(this.target);
    const name = host.includes(':') ? `[${host}]` : host;
    const session = connect(`${secure ? 'https' : 'http'}://${name}:${port.toString()}`, {
      createConnection: () => socket,
      settings: { enablePush: false },
    });
    session.unref();
    await new Promise<void>((resolve, reject) => {
      const timer = setTimeout(() => {
        session.destroy(new Error(`no connection within ${timeoutMs.toString()} ms`));
      }, timeoutMs);
      timer.unref();
      this.abort = () => {
        session.destroy(new Error('disconnected'));
      };
      // The peer's settings say that it speaks HTTP/2; "connect" alone says that TCP does.
      session.once('remoteSettings', () => {
        clearTimeout(timer);
        resolve();
      });
      session.once('close', () => {
        clearTimeout(timer);
        reject(new Error('the connection was closed'));
      });
      session.on('error', (error: Error) => {
        clearTimeout(timer);
        reject(describe(error));
      });
    }).finally(() => {
      this.abort = undefined;
    });
    this.session = session;
    this.keepAlive(session);
    return session;
  }

  private keepAlive(session: ClientHttp2Session): void {
    const timer = setInterval(() => {
      const late = setTimeout(() => {
        session.destroy();
      }, PING_TIMEOUT_MS);
      late.unref();
      try {
        session.ping(() => {
          clearTimeout(late);
        });
      } catch {
        // Closing already: "close" follows.
      }
    }, this.keepAliveMs);
    timer.unref();
    session.once('close', () => {
      clearInterval(timer);
      if (this.session === session) this.session = undefined;
    });
    session.once('goaway', (code: number) => {
      // Servers may call 30 s too often: then half as often (gRPC, "Client-side Keepalive").
      if (code === constants.NGHTTP2_ENHANCE_YOUR_CALM) this.keepAliveMs *= 2;
      if (this.session === session) this.session = undefined;
    });
  }
}

/** An attempt on several addresses fails with an error that has no message of its own. */
function describe(error: Error): Error {
  const [first] = error instanceof AggregateError ? (error.errors as Error[]) : [];
  return error.message === '' && first !== undefined ? first : error;
}

const connections = new Map<string, GrpcConnection>();

/** Signals that go to the same place share a connection: 3 × 5 exports fit the 16 streams of the owner's figure. */
export function sharedConnection(target: Target): GrpcConnection {
  const { host, port, path, secure, ca, key, cert } = target;
  const id = [host, port, path, secure, ca?.toString(), key?.toString(), cert?.toString()].join('\n');
  let connection = connections.get(id);
  if (connection === undefined) {
    connection = new GrpcConnection(target);
    connections.set(id, connection);
  }
  return connection;
}
