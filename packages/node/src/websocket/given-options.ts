import type { ClientOptions, WebSocketOptions } from './options.js';

/** What `traceServer` and `traceClient` were given, also for the instrumentation, which may look at a connection first. */
export const serverOptions = new WeakMap<object, WebSocketOptions>();
export const clientOptions = new WeakMap<object, ClientOptions>();
