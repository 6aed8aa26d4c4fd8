import { ObservabilityError, Sequence, uuidv7 } from '@unhinged/observability-core';
import type { Envelope } from '@unhinged/observability-proto';

import { type EventMap, type EventName, eventKinds } from './event-map.js';
import { toRecord } from './record.js';
import type { EventRecord, EventTransport, SendResult } from './transport.js';

export interface EventEmitterOptions {
  /** Where events go. Without one they reach only the subscribers of this process. */
  transport?: EventTransport;
  /** Most events that may wait for the transport; more are refused with `queue_full`. Default 10,000. */
  maxQueued?: number;
  /** Told of every error of a subscriber and of the first drop for each reason. */
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

type Handler<N extends EventName> = (event: EventMap[N]) => unknown;

/** Encoded with its batch, so that `emit` does not cost its caller that. */
interface Queued<N extends EventName = EventName> {
  name: N;
  /** Completed with its batch, when nobody has wanted it before. */
  event: EventInput<N>;
  number: bigint;
  settled: Promise<void>;
  resolve: () => void;
  reject: (error: Error) => void;
}

/** What one `sendBatch` takes at the most. */
const BATCH_RECORDS = 1_024;
const BATCH_BYTES = 1024 * 1024;

/** Nothing said about a record does not mean that it is durable. */
const UNANSWERED: SendResult = {
  error: new ObservabilityError('transport', 'The transport gave no result for this record.'),
};

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
  #sending = false;
  #connected = false;
  #emitted = 0;
  #delivered = 0;
  #subscriberErrors = 0;
  /** Events settle in the order in which they queued, so the last one tells of all. */
  #lastQueued: Promise<void> | undefined;
  #closing: Promise<void> | undefined;
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
   * Emits an event. Resolves when the transport says that it is durable, at once when there is no transport. Nobody has to wait: a
   * rejection that nobody handles is counted and does not end the process. The event must not be changed afterwards.
   *
   * @throws ObservabilityError (as a rejection) `queue_full`, `emitter_closed`, `bad_event`, or the transport's error.
   */
  emit<N extends EventName>(name: N, input: EventInput<N>): Promise<void> {
    this.#emitted++;
    let event = input;
    let number: bigint;
    try {
      // Numbered before it may be refused, so that readers see the gap.
      const { sequenceNumber }: Partial<Envelope> = input;
      number = sequenceNumber || this.#sequence.next();
      if (!Object.hasOwn(eventKinds, name)) throw badEvent(name, 'there are no events of that name');
      this.#admit();
      // Otherwise later, with its batch: ids and the copy are most of what `emit` costs.
      if (this.#handlers.has(name) || this.#transport === undefined)
        event = this.#complete(name, input, number);
    } catch (cause) {
      const refusal = cause instanceof ObservabilityError ? cause : badEvent(name, cause);
      this.#drop(refusal);
      const refused = Promise.reject(refusal);
      refused.catch(ignore);
      return refused;
    }
    this.#notify(name, event as EventMap[N]);
    const transport = this.#transport;
    if (transport === undefined) {
      this.#delivered++;
      return Promise.resolve();
    }
    const settled = new Promise<void>(keepFunctions);
    this.#queue.push({ name, event, number, settled, resolve: resolveKept, reject: rejectKept });
    this.#lastQueued = settled;
    if (!this.#sending) void this.#send(transport);
    return settled;
  }

  /** Subscribes to a name; the handler may be async, nothing waits for it. Returns the way out. */
  on<N extends EventName>(name: N, handler: (event: EventMap[N]) => unknown): () => void {
    const handlers = this.#handlers.get(name) ?? new Set();
    this.#handlers.set(name, handlers);
    // A function of its own, so that the same handler may subscribe twice and leave once.
    const own: Handler<EventName> = (event) => handler(event as EventMap[N]);
    handlers.add(own);
    return () => {
      handlers.delete(own);
    };
  }

  /** Resolves when nothing that was emitted before is queued any more. */
  async flush(): Promise<void> {
    await this.#lastQueued?.catch(() => undefined);
  }

  /** Refuses new events, sends what is queued, closes the transport. */
  close(): Promise<void> {
    this.#closing ??= this.flush().then(async () => {
      if (this.#connected) await this.#transport?.close();
    });
    return this.#closing;
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

  /** @throws ObservabilityError when no more events are taken. */
  #admit(): void {
    if (this.#closing !== undefined) {
      throw new ObservabilityError('emitter_closed', 'The emitter is closed.');
    }
    if (this.#transport !== undefined && this.#queue.length + this.#inFlight >= this.#maxQueued) {
      throw new ObservabilityError(
        'queue_full',
        `${this.#maxQueued} events wait for the transport. Emit more slowly.`,
      );
    }
  }

  #complete<N extends EventName>(name: N, input: EventInput<N>, number: bigint): EventMap[N] {
    const { eventId, eventType, sequenceNumber, emitterId }: Partial<Envelope> = input;
    if (eventId && eventType && sequenceNumber && emitterId) return input as EventMap[N];
    return {
      ...input,
      eventId: eventId || uuidv7(),
      eventType: eventType || eventKinds[name].eventType,
      sequenceNumber: number,
      emitterId: emitterId || this.#sequence.emitterId,
    } as EventMap[N];
  }

  #notify<N extends EventName>(name: N, event: EventMap[N]): void {
    const handlers = this.#handlers.get(name);
    if (handlers === undefined) return;
    const failed = (error: unknown): void => {
      this.#subscriberErrors++;
      this.#report(error);
    };
    for (const handler of handlers) {
      try {
        const result = handler(event);
        if (result instanceof Promise) result.catch(failed);
      } catch (error) {
        failed(error);
      }
    }
  }

  async #send(transport: EventTransport): Promise<void> {
    this.#sending = true;
    // Events of the same tick belong to the same batch.
    await Promise.resolve();
    while (this.#queue.length > 0) {
      const { batch, records } = this.#nextBatch();
      try {
        if (!this.#connected) {
          await transport.connect();
          this.#connected = true;
        }
        const results = records.length === 0 ? [] : await transport.sendBatch(records);
        for (const [index, queued] of batch.entries()) {
          this.#settle(queued, (results[index] ?? UNANSWERED).error);
        }
      } catch (error) {
        const reason = error instanceof Error ? error : new Error(String(error));
        for (const queued of batch) this.#settle(queued, reason);
      }
    }
    this.#sending = false;
  }

  /** Takes the next events out of the queue and encodes them; what cannot be encoded is settled. */
  #nextBatch(): { batch: Queued[]; records: EventRecord[] } {
    const batch: Queued[] = [];
    const records: EventRecord[] = [];
    let taken = 0;
    let bytes = 0;
    for (const queued of this.#queue) {
      if (records.length >= BATCH_RECORDS || bytes >= BATCH_BYTES) break;
      taken++;
      this.#inFlight++;
      try {
        const record = toRecord(queued.name, this.#complete(queued.name, queued.event, queued.number));
        bytes += record.value.length;
        records.push(record);
        batch.push(queued);
      } catch (cause) {
        this.#settle(queued, cause instanceof ObservabilityError ? cause : badEvent(queued.name, cause));
      }
    }
    this.#queue.splice(0, taken);
    return { batch, records };
  }

  #settle(queued: Queued, error: Error | undefined): void {
    this.#inFlight--;
    if (error === undefined) {
      this.#delivered++;
      queued.resolve();
    } else {
      this.#drop(error);
      queued.settled.catch(ignore);
      queued.reject(error);
    }
  }

  #drop(error: Error): void {
    const reason = error instanceof ObservabilityError ? error.code : 'transport';
    const before = this.#dropped.get(reason) ?? 0;
    this.#dropped.set(reason, before + 1);
    if (before === 0) this.#report(error);
  }

  #report(error: unknown): void {
    try {
      this.#onError(error);
    } catch {
      // A reporter that fails has nobody to report to, and emit must not fail for it.
    }
  }
}

const ignore = (): void => undefined;

// One function for all promises: a closure for each costs as much as the promise.
let resolveKept: () => void = ignore;
let rejectKept: (error: Error) => void = ignore;
const keepFunctions = (resolve: () => void, reject: (error: Error) => void): void => {
  resolveKept = resolve;
  rejectKept = reject;
};

const badEvent = (name: string, cause: unknown): ObservabilityError =>
  new ObservabilityError('bad_event', `${name}: not an event: ${String(cause)}`, { cause });
