import type { LiveMessage } from '@unhinged/observability-core';
import { createContext, use, useEffect, useEffectEvent, useSyncExternalStore } from 'react';
import type { LiveConnection, LiveStatus } from './connection.js';

export const LiveContext = createContext<LiveConnection | null>(null);

function useConnection(): LiveConnection {
  const connection = use(LiveContext);
  if (connection === null) throw new Error('useLive needs a LiveContext above it');
  return connection;
}

export function useLiveStatus(): LiveStatus {
  const connection = useConnection();
  return useSyncExternalStore(
    (watcher) => connection.watch(watcher),
    () => connection.status,
  );
}

/** Calls `handler` with every live message of `type` while mounted. */
export function useLive<Type extends LiveMessage['type']>(
  type: Type,
  handler: (message: Extract<LiveMessage, { type: Type }>) => void,
): void {
  const connection = useConnection();
  const onMessage = useEffectEvent(handler);
  useEffect(
    () =>
      connection.on(type, (message) => {
        onMessage(message);
      }),
    [connection, type],
  );
}
