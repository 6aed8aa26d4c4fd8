import type { LiveMessage } from '@unhinged/observability-core';

export type LiveState = 'connecting' | 'live' | 'reconnecting';
type MessageType = LiveMessage['type'];
type MessageOf<Type extends MessageType> = Extract<LiveMessage, { type: Type }>;
type Handler = (message: LiveMessage) => void;

/** The part of EventSource in use, so that tests can play the server. */
export interface EventSourceLike {
  readonly readyState: number;
  addEventListener(type: string, listener: (event: { data?: unknown }) => void): void;
  close(): void;
}
export interface LiveOptions {
  openSource: () => EventSourceLike;
  /** Calls back once after `delayMs`; returns what cancels it. */
  schedule: (callback: () => void, delayMs: number) => () => void;
}

const TYPES: readonly MessageType[] = ['hello', 'traces', 'logs', 'services', 'alerts', 'gap'];
const CLOSED = 2;
const FIRST_DELAY_MS = 500;
const LAST_DELAY_MS = 8_000;
/** Under steady overload gaps come with every batch; reading everything again each time would add to it. */
const GAP_DELAY_MS = 1_000;

/** What the page knows about the connection. `epoch` grows whenever something may have been missed: read again then. */
export interface LiveStatus {
  state: LiveState;
  epoch: number;
}

/**
 * One `GET /api/live` stream shared by all views. EventSource comes back by itself after a broken connection, but gives up
 * for good after an HTTP error (a proxy, a bridge that is starting): then it is opened anew, with growing delays.
 */
export class LiveConnection {
  #status: LiveStatus = { state: 'connecting', epoch: 0 };
  #handlers = new Map<MessageType, Set<Handler>>();
  #watchers = new Set<() => void>();
  #source: EventSourceLike | undefined;
  #cancelRetry: (() => void) | undefined;
  #cancelGap: (() => void) | undefined;
  #delayMs = FIRST_DELAY_MS;
  #greeted = false;
  readonly #options: LiveOptions;

  constructor(options: LiveOptions) {
    this.#options = options;
  }

  /** Connects; returns the stop. */
  start(): () => void {
    this.#open();
    return () => {
      this.#cancelRetry?.();
      this.#cancelGap?.();
      this.#cancelGap = undefined;
      this.#source?.close();
      this.#source = undefined;
    };
  }

  get status(): LiveStatus {
    return this.#status;
  }

  watch(watcher: () => void): () => void {
    this.#watchers.add(watcher);
    return () => this.#watchers.delete(watcher);
  }

  on<Type extends MessageType>(type: Type, handler: (message: MessageOf<Type>) => void): () => void {
    const handlers = this.#handlers.get(type) ?? new Set<Handler>();
    this.#handlers.set(type, handlers);
    const own: Handler = (message) => {
      handler(message as MessageOf<Type>);
    };
    handlers.add(own);
    return () => handlers.delete(own);
  }

  #open(): void {
    const source = this.#options.openSource();
    this.#source = source;
    for (const type of TYPES) {
      source.addEventListener(type, ({ data }) => {
        if (this.#source === source && typeof data === 'string') this.#receive(data);
      });
    }
    source.addEventListener('error', () => {
      if (this.#source !== source) return;
      this.#set({ ...this.#status, state: this.#greeted ? 'reconnecting' : 'connecting' });
      if (source.readyState !== CLOSED) return;
      source.close();
      this.#cancelRetry = this.#options.schedule(() => {
        this.#open();
      }, this.#delayMs);
      this.#delayMs = Math.min(this.#delayMs * 2, LAST_DELAY_MS);
    });
  }

  #receive(data: string): void {
    const message = JSON.parse(data) as LiveMessage;
    if (message.type === 'hello') {
      this.#delayMs = FIRST_DELAY_MS;
      this.#set({ state: 'live', epoch: this.#status.epoch + (this.#greeted ? 1 : 0) });
      this.#greeted = true;
    } else if (message.type === 'gap') {
      this.#cancelGap ??= this.#options.schedule(() => {
        this.#cancelGap = undefined;
        this.#set({ ...this.#status, epoch: this.#status.epoch + 1 });
      }, GAP_DELAY_MS);
    }
    for (const handler of this.#handlers.get(message.type) ?? []) handler(message);
  }

  #set(status: LiveStatus): void {
    if (status.state === this.#status.state && status.epoch === this.#status.epoch) return;
    this.#status = status;
    for (const watcher of this.#watchers) watcher();
  }
}
