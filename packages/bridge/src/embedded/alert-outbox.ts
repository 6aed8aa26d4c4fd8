import { encodeRecord, type Journal } from '@unhinged/events/journal';
import { Sequence } from '@unhinged/observability-core';
import type { AlertTransition } from '@unhinged/observability-processor';
import type { Counters } from '../counters.js';
import { alertRecord } from './alert-record.js';

const MAX_WAITING = 1_000;

/** Alert transitions on their way into the journal. One that the journal refuses waits here and is tried again. */
export class AlertOutbox {
  readonly #journal: Journal;
  readonly #counters: Counters;
  readonly #version: string;
  readonly #sequence = new Sequence();
  readonly #waiting: AlertTransition[] = [];
  #sending: Promise<void> | undefined;

  constructor(journal: Journal, counters: Counters, version: string) {
    this.#journal = journal;
    this.#counters = counters;
    this.#version = version;
  }

  /** What is not durable yet, oldest first. */
  get waiting(): readonly AlertTransition[] {
    return this.#waiting;
  }

  add(alert: AlertTransition): void {
    if (this.#waiting.length >= MAX_WAITING) {
      this.#counters.add('alerts_dropped_total', { reason: 'outbox_full' });
      return;
    }
    this.#waiting.push(alert);
    void this.send();
  }

  /** Tries to make all that waits durable; never rejects. */
  send(): Promise<void> {
    return (this.#sending ??= this.#sendAll().finally(() => {
      this.#sending = undefined;
    }));
  }

  async #sendAll(): Promise<void> {
    for (let alert = this.#waiting[0]; alert; alert = this.#waiting[0]) {
      try {
        const record = alertRecord(alert, this.#version, { sequence: this.#sequence });
        await this.#journal.append([encodeRecord(record)]);
      } catch {
        this.#counters.add('alert_append_errors_total');
        return;
      }
      this.#waiting.shift();
      this.#counters.add('alert_transitions_total', { state: alert.state });
    }
  }
}
