import { randomUUID } from 'node:crypto';

/** A message as the back end keeps it; times are ISO 8601. */
export interface StoredMessage {
  id: string;
  room: string;
  author: string;
  text: string;
  sentAt: string;
}

export interface StoreLimits {
  /** Rooms beyond this take the place of the one unused for longest. Default 100. */
  rooms?: number;
  /** Messages a room keeps, the oldest go first. Default 500. */
  messagesPerRoom?: number;
}

/** The messages of all rooms, in memory and bounded. */
export class MessageStore {
  readonly #rooms = new Map<string, StoredMessage[]>();
  readonly #limits: Required<StoreLimits>;

  constructor(limits: StoreLimits = {}) {
    this.#limits = { rooms: 100, messagesPerRoom: 500, ...limits };
  }

  add(message: Pick<StoredMessage, 'room' | 'author' | 'text'>): StoredMessage {
    const stored = { id: randomUUID(), ...message, sentAt: new Date().toISOString() };
    const messages = this.#rooms.get(message.room) ?? [];
    messages.push(stored);
    if (messages.length > this.#limits.messagesPerRoom) messages.shift();
    // Map order is insertion order, so the first key is the room unused for longest.
    this.#rooms.delete(message.room);
    this.#rooms.set(message.room, messages);
    const [unused] = this.#rooms.keys();
    if (this.#rooms.size > this.#limits.rooms && unused !== undefined) this.#rooms.delete(unused);
    return stored;
  }

  /** The newest messages of a room, oldest first. */
  newest(room: string, limit: number): StoredMessage[] {
    return (this.#rooms.get(room) ?? []).slice(-limit);
  }

  /** All messages of a room, oldest first. */
  all(room: string): readonly StoredMessage[] {
    return this.#rooms.get(room) ?? [];
  }
}
