import type { IncomingMessage } from 'node:http';

// eslint-disable-next-line @typescript-eslint/no-explicit-any -- as the types of ws have it, which have to fit
type Listener = (...args: any[]) => void;

/** The part of a WebSocket of the package `ws` (7, 8) that is used here; its types are not needed. */
export interface WebSocketLike {
  readonly readyState: number;
  readonly url?: string | undefined;
  emit(event: string, ...args: unknown[]): boolean;
  rawListeners(event: string): unknown[];
  prependListener(event: string, listener: Listener): unknown;
  send(data: never, ...rest: never[]): void;
}

/** The same of its server. */
export interface WebSocketServerLike {
  emit(event: string, ...args: unknown[]): boolean;
  prependListener(event: string, listener: Listener): unknown;
}

export type UpgradeRequest = IncomingMessage;
