import type { EventRecord } from '@unhinged/events';
import { Sequence } from '@unhinged/observability-core';
import { InstrumentationScope } from '@unhinged/observability-proto/otlp';
import { Rejections, type Batch, type EventBatch } from '../batch.js';
import type { Counters } from '../counters.js';
import { countItems, splitRequest, type ScopeGroup } from '../wire/items.js';
import { requestTypes, type Signal } from '../wire/schema.js';
import { validate } from '../wire/validate.js';
import { EnvelopeWriter } from './envelope.js';
import { logRecord } from './logs.js';
import { metricRecord } from './metrics.js';
import { Source } from './source.js';
import { spanRecord } from './spans.js';

/** Makes events of export requests. One a bridge start: its sequence numbers say what was lost behind it. */
export class Decider {
  readonly #sequence = new Sequence();
  readonly #envelopes = new EnvelopeWriter(this.#sequence);
  readonly #counters: Counters;
  readonly #now: () => number;

  /** @param options.now Unix milliseconds. */
  constructor(counters: Counters, options: { now: () => number } = { now: Date.now }) {
    this.#counters = counters;
    this.#now = options.now;
  }

  /** @throws WireError when the bytes are not the signal's export request; then no item of them is taken. */
  decide({ signal, bytes }: Batch): EventBatch {
    validate(bytes, requestTypes[signal]);
    const groups = splitRequest(bytes);
    const rejected = new Rejections();
    const toRecord = this.#recorder(signal, rejected);
    const records: EventRecord[] = [];
    for (const group of groups) {
      const source = new Source(group.resource);
      for (const scope of group.scopes) {
        const recordOf = toRecord(scope, source);
        for (const item of scope.items) {
          const record = recordOf(item);
          if (record) records.push(record);
        }
      }
    }
    return { signal, records, items: countItems(groups), rejected };
  }

  #recorder(signal: Signal, rejected: Rejections) {
    const counters = this.#counters;
    const nowNano = BigInt(Math.floor(this.#now())) * 1_000_000n;
    const onRepair = (what: string) => {
      counters.add('repaired_items_total', { signal, what });
    };
    const context = {
      envelopes: this.#envelopes,
      sequence: this.#sequence,
      nowNano,
      rejected,
      onRepair,
      onReplacedTime: () => {
        onRepair('bad_time');
      },
      onNoDestination: () => {
        counters.add('dropped_items_total', { signal, reason: 'no_destination' });
      },
    };
    return ({ scope }: ScopeGroup, source: Source): ((item: Uint8Array) => EventRecord | undefined) => {
      if (signal === 'traces') return (item) => spanRecord(item, scope, source, context);
      if (signal === 'metrics') return (item) => metricRecord(item, scope, source, context);
      const scopeName = scope ? InstrumentationScope.decode(scope).name : '';
      return (item) => logRecord(item, scopeName, source, context);
    };
  }
}
