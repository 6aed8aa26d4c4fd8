import { useEffect, useReducer, useState } from 'react';

import type { Message } from '../gateway/gen/unhinged/chat/v1/chat.js';
import type { ChatApi } from './chat-api.js';
import { type ConnectionState, connectLive } from './live-connection.js';
import { log } from './telemetry.js';

/** Messages on the page, at most. */
const MAX_MESSAGES = 200;

export interface Room {
  messages: readonly Message[];
  connection: ConnectionState;
  /** How many are in the room, 0 while unknown. */
  present: number;
  add: (messages: readonly Message[]) => void;
}

/** A room kept up to date: the list at first and after every reconnect, then what the WebSocket brings. */
export function useRoom(gateway: string, room: string, api: ChatApi): Room {
  const [messages, add] = useReducer(merge, []);
  const [connection, setConnection] = useState<ConnectionState>('connecting');
  const [present, setPresent] = useState(0);

  useEffect(
    () =>
      connectLive(gateway, room, {
        onState: (state) => {
          setConnection(state);
          if (state !== 'live') {
            setPresent(0);
            return;
          }
          api.list().then(add, (error: unknown) => {
            log.warn('Messages could not be loaded', { reason: String(error) });
          });
        },
        onEvent: (event) => {
          if (event.$case === 'message') add([event.value]);
          else setPresent(event.value);
        },
      }),
    [gateway, room, api],
  );
  return { messages, connection, present, add };
}

/** A message comes by the answer and by the WebSocket, in either order: each is shown once. */
function merge(known: readonly Message[], more: readonly Message[]): readonly Message[] {
  const ids = new Set(known.map(({ id }) => id));
  const fresh = more.filter(({ id }) => !ids.has(id));
  if (fresh.length === 0) return known;
  const byTime = (a: Message, b: Message) => (a.sentAt ?? '').localeCompare(b.sentAt ?? '');
  return [...known, ...fresh].sort(byTime).slice(-MAX_MESSAGES);
}
