import { setTimeout as sleep } from 'node:timers/promises';

import type { EventRecord } from '../transport.js';
import { backoffMs } from './backoff.js';
import { deadLetter } from './dead-letter.js';
import { type KafkaRecord, type RecordClient, SendFailure } from './record-client.js';
import { StreamRecord } from './stream-record.js';

export interface LaneOptions {
  client: RecordClient;
  /** A number in [0, 1) for the jitter. Default `Math.random`. */
  random?: () => number;
  /** Waits; cut short by the signal without an error. Default: a timer that does not keep the process alive. */
  wait?: (ms: number, signal: AbortSignal) => Promise<void>;
  /** Told of each failed attempt and each record that went to the dead-letter topic. */
  onTrouble?: (trouble: unknown) => void;
}

export interface LaneStats {
  sent: number;
  /** Records now in the dead-letter topic, by reason. */
  deadLettered: Readonly<Record<string, number>>;
  /** Attempts that failed because the brokers were away, slow or refused for a time. */
  retries: number;
  /** Attempts that failed since the last success; 0 while all is well. */
  failing: number;
}

/** A record as it will be sent, or why it cannot be. */
export interface Prepared {
  record: KafkaRecord;
  /** Set when the event could not be read for its headers. */
  unreadable?: unknown;
}

/** Looks into the events. Apart from `deliver`, so that it can be done while another batch is under way. */
export function prepare(records: readonly EventRecord[]): Prepared[] {
  return records.map((record) => {
    try {
      return { record: new StreamRecord(record) };
    } catch (unreadable) {
      const { topic, key, value } = record;
      return { record: { topic, key, value, headers: {} }, unreadable };
    }
  });
}

/** Sizes of the groups in which a batch with a poison record is tried: whole, then these. A record is tried three times. */
const GROUPS = [32, 1] as const;

/**
 * Delivers batches in order, one outstanding send at a time: nothing is reordered. While the brokers are away it waits and sends
 * the same batch again for as long as it takes; a record that no broker will ever take goes to the dead-letter topic.
 */
export class Lane {
  readonly #client: RecordClient;
  readonly #random: () => number;
  readonly #wait: (ms: number, signal: AbortSignal) => Promise<void>;
  readonly #onTrouble: (trouble: unknown) => void;
  readonly #deadLettered = new Map<string, number>();
  #sent = 0;
  #retries = 0;
  #failing = 0;

  constructor({ client, random = Math.random, wait = waitUnrefd, onTrouble = () => undefined }: LaneOptions) {
    this.#client = client;
    this.#random = random;
    this.#wait = wait;
    this.#onTrouble = onTrouble;
  }

  /** Resolves true when every record is durable in its topic or in the dead-letter topic; false when the signal came first. */
  async deliver(records: readonly Prepared[], signal: AbortSignal): Promise<boolean> {
    const good: KafkaRecord[] = [];
    for (const { record, unreadable } of records) {
      if (unreadable === undefined) {
        good.push(record);
      } else {
        // What is before it first: order holds.
        if (!(await this.#sendAll(good.splice(0), signal, 0))) return false;
        if (!(await this.bury(record, 'undecodable', unreadable, signal))) return false;
      }
    }
    return this.#sendAll(good, signal, 0);
  }

  stats(): LaneStats {
    return {
      sent: this.#sent,
      deadLettered: Object.fromEntries(this.#deadLettered),
      retries: this.#retries,
      failing: this.#failing,
    };
  }

  /** Sends a group; when a poison record is in it, its parts in order. `step` counts the tries before. */
  async #sendAll(records: readonly KafkaRecord[], signal: AbortSignal, step: number): Promise<boolean> {
    if (records.length === 0) return true;
    const failure = await this.#untilAnswered(records, signal);
    if (failure === 'stopped') return false;
    if (failure === undefined) {
      this.#sent += records.length;
      return true;
    }
    const size = GROUPS[step];
    const [only] = records;
    if (size === undefined || only === undefined) {
      return only === undefined || this.bury(only, 'poison', failure, signal);
    }
    for (let at = 0; at < records.length; at += size) {
      if (!(await this.#sendAll(records.slice(at, at + size), signal, step + 1))) return false;
    }
    return true;
  }

  /** Moves a record to the dead-letter topic. Resolves false when the signal came first. */
  async bury(record: KafkaRecord, reason: string, cause: unknown, signal: AbortSignal): Promise<boolean> {
    this.#onTrouble(cause);
    for (const letter of deadLetter(record, reason, cause)) {
      const failure = await this.#untilAnswered([letter], signal);
      if (failure === 'stopped') return false;
      if (failure === undefined) {
        this.#deadLettered.set(reason, (this.#deadLettered.get(reason) ?? 0) + 1);
        return true;
      }
    }
    // Not even its headers are taken. Waiting for ever would hold up everything behind it.
    this.#deadLettered.set('refused', (this.#deadLettered.get('refused') ?? 0) + 1);
    return true;
  }

  /** Undefined: durable. A failure: one of the records is poison. */
  async #untilAnswered(
    records: readonly KafkaRecord[],
    signal: AbortSignal,
  ): Promise<SendFailure | 'stopped' | undefined> {
    while (!signal.aborted) {
      try {
        await this.#client.send(records);
        this.#failing = 0;
        return undefined;
      } catch (error) {
        if (error instanceof SendFailure && error.kind === 'poison') {
          this.#failing = 0;
          return error;
        }
        this.#retries++;
        this.#failing++;
        this.#onTrouble(error);
        await this.#wait(backoffMs(this.#failing, this.#random), signal);
      }
    }
    return 'stopped';
  }
}

async function waitUnrefd(ms: number, signal: AbortSignal): Promise<void> {
  await sleep(ms, undefined, { signal, ref: false }).catch(() => undefined);
}
