import type { Journal } from '@unhinged/events/journal';
import { WireError, type EventBatch, type Outcome } from '@unhinged/events/otlp';
import type { Batch } from './batch.js';
import type { Counters } from './counters.js';
import type { Decider } from './decide/decider.js';
import { Refusal } from './refusal.js';
import { storeRecords } from './sink/journal-sink.js';
import type { PrometheusSink } from './sink/prometheus-sink.js';

/** The way of a batch: decided, made durable, then answered. What is counted adds up:
 * received = accepted + rejected + dropped + refused. */
export class Intake {
  readonly #parts: { decider: Decider; journal: Journal; prometheus: PrometheusSink; counters: Counters };
  readonly #underWay = new Set<Promise<unknown>>();
  #stopping = false;

  constructor(parts: { decider: Decider; journal: Journal; prometheus: PrometheusSink; counters: Counters }) {
    this.#parts = parts;
  }

  /** @throws Refusal `bad_request`, `journal_full`, `journal_failed`, `stopping`: then nothing of the batch is stored. */
  readonly accept = async (batch: Batch): Promise<Outcome> => {
    if (this.#stopping) throw new Refusal('stopping', 'The bridge is stopping. Retry when it is back.');
    const decided = this.#decide(batch);
    const stored = this.#store(decided);
    this.#underWay.add(stored);
    try {
      await stored;
    } finally {
      this.#underWay.delete(stored);
    }
    return decided.rejected.outcome();
  };

  /** Waits for what was accepted so far to be durable. */
  async drain(): Promise<void> {
    await Promise.allSettled(this.#underWay);
  }

  /** Refuses what comes from now on, then drains. */
  async stop(): Promise<void> {
    this.#stopping = true;
    await this.drain();
  }

  #decide(batch: Batch): EventBatch {
    try {
      return this.#parts.decider.decide(batch);
    } catch (error) {
      if (!(error instanceof WireError)) throw error;
      this.#parts.counters.add('malformed_requests_total', { signal: batch.signal });
      throw new Refusal('bad_request', `Bad OTLP protobuf: ${error.message}`, { cause: error });
    }
  }

  async #store({ signal, records, items, rejected }: EventBatch): Promise<void> {
    const { counters, journal, prometheus } = this.#parts;
    counters.add('received_items_total', { signal }, items);
    for (const { reason, items } of rejected.reasons) {
      counters.add('rejected_items_total', { signal, reason }, items);
    }
    try {
      await storeRecords(journal, records);
    } catch (error) {
      const reason = error instanceof Refusal ? error.code : 'internal';
      counters.add('refused_items_total', { signal, reason }, records.length);
      throw error;
    }
    counters.add('accepted_items_total', { signal }, records.length);
    if (signal === 'metrics') prometheus.accept(records);
  }
}
