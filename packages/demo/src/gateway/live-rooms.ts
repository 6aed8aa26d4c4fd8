import { LiveEvent } from './gen/unhinged/chat/v1/chat.js';

/** Unsent bytes at which a reader counts as gone: it comes back and reads the list. */
const MAX_UNSENT = 1024 * 1024;

/** What a room needs of a WebSocket (of the ws package). */
export interface Listener {
  /** Bytes accepted by `send` and not yet on their way. */
  readonly bufferedAmount: number;
  send(text: string): void;
  terminate(): void;
  once(event: 'close', listener: () => void): unknown;
}

/** Who listens to which room. Bounded: `join` refuses beyond `maxSockets`. */
export class LiveRooms {
  readonly #rooms = new Map<string, Set<Listener>>();
  readonly #maxSockets: number;
  #sockets = 0;

  constructor({ maxSockets = 500 } = {}) {
    this.#maxSockets = maxSockets;
  }

  /** Adds a socket until it closes; everybody in the room learns how many there are. False when there is no place. */
  join(room: string, socket: Listener): boolean {
    if (this.#sockets >= this.#maxSockets) return false;
    this.#sockets++;
    const members = this.#rooms.get(room) ?? new Set<Listener>();
    this.#rooms.set(room, members.add(socket));
    socket.once('close', () => {
      this.#sockets--;
      members.delete(socket);
      if (members.size === 0) this.#rooms.delete(room);
      else this.#tellCount(room, members.size);
    });
    this.#tellCount(room, members.size);
    return true;
  }

  /** Sends an event to a room; returns to how many. */
  send(room: string, event: LiveEvent): number {
    const text = JSON.stringify(LiveEvent.toJSON(event));
    let sent = 0;
    for (const socket of this.#rooms.get(room) ?? []) {
      if (socket.bufferedAmount > MAX_UNSENT) {
        socket.terminate();
        continue;
      }
      socket.send(text);
      sent++;
    }
    return sent;
  }

  #tellCount(room: string, count: number): void {
    this.send(room, { event: { $case: 'connected', value: count } });
  }
}
