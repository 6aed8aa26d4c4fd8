import { ObservabilityError, Sequence, uuidv7 } from '@unhinged/observability-core';
import type { Envelope } from '@unhinged/observability-proto';

import { type EventMap, type EventName, eventKinds } from './event-map.js';
import { toRecord } from './record.js';
import type { EventRecord, EventTransport } from './transport.js';

export interface EventEmitterOptions {
  /** Where events go. Without one they reach only the subscribers of this process. */
  transport?: EventTransport;
  /** Most events that may wait for the transport; more are refused with `queue_full`. Default 10,000. */
  maxQueued?: number;
  /** Told of errors of subscribers, which never reach the emitting code. */
  onError?: (error: unknown) => void;
}

/** `emitted = delivered + dropped + queued`, always. */
export interface EventEmitterStats {
  emitted: number;
  /** Durable at the transport; without a transport, given to the subscribers. */
  delivered: number;
  /** Refused or failed, by reason. */
  dropped: Readonly<Record<string, number>>;
  queued: number;
  subscriberErrors: number;
}

/** An event as its author writes it: what is missing of id, number, emitter and type is filled in. */
export type EventInput<N extends EventName> = Omit<
  EventMap[N],
  'eventId' | 'sequenceNumber' | 'emitterId' | 'eventType'
> &
  Partial<EventMap[N]>;

type Handler<N extends EventName> = (event: EventMap[N]) => void;

interface Queued {
  record: EventRecord;
  resolve: () => void;
  reject: (error: Error) => void;
}

/** What one `sendBatch` takes at the most. */
const BATCH_RECORDS = 1_024;
const BATCH_BYTES = 1024 * 1024;

/**
 * Typed events out of one process. `emit` resolves when the event is durable at the transport; one `sendBatch` is under way at
 * a time and takes what queued meanwhile.
 *
 * @example
 * const emitter = new EventEmitter({ transport: journalTransport(journal) });
 * emitter.on('observability.alert', (alert) => page(alert.alertName));
 * await emitter.emit('observability.log_entry', event);
 */
export class EventEmitter {
  readonly #transport: EventTransport | undefined;
  readonly #maxQueued: number;
  readonly #onError: (error: unknown) => void;
  readonly #sequence = new Sequence();
  readonly #handlers = new Map<EventName, Set<Handler<EventName>>>();
  #queue: Queued[] = [];
  #inFlight = 0;
  #sending: Promise<void> | undefined;
  #connected = false;
  #closed = false;
  #emitted = 0;
  #delivered = 0;
  #subscriberErrors = 0;
  readonly #dropped = new Map<string, number>();

  constructor(options: EventEmitterOptions = {}) {
    this.#transport = options.transport;
    this.#maxQueued = options.maxQueued ?? 10_000;
    this.#onError = options.onError ?? (() => undefined);
    if (!(this.#maxQueued >= 1)) {
      throw new ObservabilityError(
        'bad_option',
        `maxQueued: expected a number of at least 1, got ${this.#maxQueued}.`,
      );
    }
  }

  /** Number source and id of this process start. */
  get sequence(): Sequence {
    return this.#sequence;
  }

  /**
   * Emits an event. Resolves when the transport says that it is durable, at once when there is no transport.
   *
   * @throws ObservabilityError (as a rejection) `queue_full`, `emitter_closed`, `bad_event`, or the transport's error.
   */
  async emit<N extends EventName>(name: N, input: EventInput<N>): Promise<void> {
    this.#emitted++;
    if (this.#closed) return this.#refuse('emitter_closed', 'The emitter is closed.');
    if (this.#transport !== undefined && this.#queue.length + this.#inFlight >= this.#maxQueued) {
      return this.#refuse(
        'queue_full',
        `${this.#maxQueued} events wait for the transport. Emit more slowly.`,
      );
    }
    const event = this.#complete(name, input);
    let record: EventRecord;
    try {
      record = toRecord(name, event);
    } catch (error) {
      this.#drop('bad_event');
      throw error;
    }
    this.#notify(name, event);
    if (this.#transport === undefined) {
      this.#delivered++;
      return;
    }
    const { promise, ...settle } = deferred();
    this.#queue.push({ record, ...settle });
    this.#sending ??= this.#send(this.#transport);
    return promise;
  }

  /** Subscribes to a name. Returns the way out. */
  on<N extends EventName>(name: N, handler: (event: EventMap[N]) => void): () => void {
    const handlers = this.#handlers.get(name) ?? new Set();
    this.#handlers.set(name, handlers);
    // A function of its own, so that the same handler may subscribe twice and leave once.
    const own: Handler<EventName> = (event) => {
      handler(event as EventMap[N]);
    };
    handlers.add(own);
    return () => {
      handlers.delete(own);
    };
  }

  /** Resolves when nothing that was emitted before is queued any more. */
  async flush(): Promise<void> {
    while (this.#sending !== undefined) await this.#sending;
  }

  /** Refuses new events, sends what is queued, closes the transport. */
  async close(): Promise<void> {
    if (this.#closed) return;
    this.#closed = true;
    await this.flush();
    if (this.#connected) await this.#transport?.close();
  }

  stats(): EventEmitterStats {
    return {
      emitted: this.#emitted,
      delivered: this.#delivered,
      dropped: Object.fromEntries(this.#dropped),
      queued: this.#queue.length + this.#inFlight,
      subscriberErrors: this.#subscriberErrors,
    };
  }

  #complete<N extends EventName>(name: N, input: EventInput<N>): EventMap[N] {
    const { eventId, eventType, sequenceNumber, emitterId }: Partial<Envelope> = input;
    return {
      ...input,
      eventId: eventId || uuidv7(),
      eventType: eventType || eventKinds[name].eventType,
      sequenceNumber: sequenceNumber || this.#sequence.next(),
      emitterId: emitterId || this.#sequence.emitterId,
    } as EventMap[N];
  }

  #notify<N extends EventName>(name: N, event: EventMap[N]): void {
    for (const handler of this.#handlers.get(name) ?? []) {
      try {
        handler(event);
      } catch (error) {
        this.#subscriberErrors++;
        this.#onError(error);
      }
    }
  }

  async #send(transport: EventTransport): Promise<void> {
    // Events of the same tick belong to the same batch.
    await Promise.resolve();
    while (this.#queue.length > 0) {
      const batch = this.#nextBatch();
      this.#inFlight = batch.length;
      try {
        if (!this.#connected) {
          await transport.connect();
          this.#connected = true;
        }
        const results = await transport.sendBatch(batch.map(({ record }) => record));
        for (const [index, queued] of batch.entries()) this.#settle(queued, results[index]?.error);
      } catch (error) {
        const reason = error instanceof Error ? error : new Error(String(error));
        for (const queued of batch) this.#settle(queued, reason);
      }
      this.#inFlight = 0;
    }
    this.#sending = undefined;
  }

  #nextBatch(): Queued[] {
    let bytes = 0;
    let count = 0;
    for (const { record } of this.#queue) {
      bytes += record.value.length;
      if (count > 0 && (count >= BATCH_RECORDS || bytes > BATCH_BYTES)) break;
      count++;
    }
    return this.#queue.splice(0, count);
  }

  #settle(queued: Queued, error: Error | undefined): void {
    this.#inFlight--;
    if (error === undefined) {
      this.#delivered++;
      queued.resolve();
    } else {
      this.#drop(error instanceof ObservabilityError ? error.code : 'transport');
      queued.reject(error);
    }
  }

  #refuse(code: string, message: string): never {
    this.#drop(code);
    throw new ObservabilityError(code, message);
  }

  #drop(reason: string): void {
    this.#dropped.set(reason, (this.#dropped.get(reason) ?? 0) + 1);
  }
}

function deferred(): { promise: Promise<void>; resolve: () => void; reject: (error: Error) => void } {
  let resolve = (): void => undefined;
  let reject: (error: Error) => void = () => undefined;
  const promise = new Promise<void>((...settle) => {
    [resolve, reject] = settle;
  });
  return { promise, resolve, reject };
}
