import { LiveEvent } from '../gateway/gen/unhinged/chat/v1/chat.js';

export type ConnectionState = 'connecting' | 'live' | 'waiting';

export interface LiveHandlers {
  onState: (state: ConnectionState) => void;
  onEvent: (event: NonNullable<LiveEvent['event']>) => void;
}

const FIRST_WAIT_MS = 500;
const LONGEST_WAIT_MS = 10_000;

/** Listens to a room and comes back by itself when the connection is lost. Returns its stop. */
export function connectLive(gateway: string, room: string, { onState, onEvent }: LiveHandlers): () => void {
  let socket: WebSocket | undefined;
  let timer: ReturnType<typeof setTimeout> | undefined;
  let wait = FIRST_WAIT_MS;
  let stopped = false;

  const connect = () => {
    onState('connecting');
    socket = new WebSocket(`${gateway.replace(/^http/, 'ws')}/ws?room=${encodeURIComponent(room)}`);
    socket.onopen = () => {
      wait = FIRST_WAIT_MS;
      onState('live');
    };
    socket.onmessage = ({ data }) => {
      const { event } = LiveEvent.fromJSON(JSON.parse(String(data)));
      if (event !== undefined) onEvent(event);
    };
    socket.onclose = () => {
      if (stopped) return;
      onState('waiting');
      timer = setTimeout(connect, wait);
      wait = Math.min(wait * 2, LONGEST_WAIT_MS);
    };
  };
  connect();
  return () => {
    stopped = true;
    clearTimeout(timer);
    socket?.close();
  };
}
