import type { EventRecord } from '@unhinged/events';
import { Sequence } from '@unhinged/observability-core';
import { InstrumentationScope } from '@unhinged/observability-proto/otlp';
import { Rejections, type Batch, type EventBatch } from '../batch.js';
import type { Counters } from '../counters.js';
import { Refusal } from '../refusal.js';
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
  readonly #maxEventBytes: number;
  readonly #now: () => number;

  /**
   * @param options.maxEventBytes Most bytes that the events of one request may have. Each repeats the resource and the scope,
   *   so a small request can become very large.
   * @param options.now Unix milliseconds. Default `Date.now`.
   */
  constructor(counters: Counters, options: { maxEventBytes: number; now?: () => number }) {
    this.#counters = counters;
    this.#maxEventBytes = options.maxEventBytes;
    this.#now = options.now ?? Date.now;
  }

  /**
   * No item is taken when it throws.
   *
   * @throws WireError when the bytes are not the signal's export request.
   * @throws Refusal `too_large`
   */
  decide({ signal, bytes }: Batch): EventBatch {
    validate(bytes, requestTypes[signal]);
    const groups = splitRequest(bytes);
    const rejected = new Rejections();
    const toRecord = this.#recorder(signal, rejected);
    const records: EventRecord[] = [];
    let bytesOfEvents = 0;
    for (const group of groups) {
      const source = new Source(group.resource);
      for (const scope of group.scopes) {
        const recordOf = toRecord(scope, source);
        for (const item of scope.items) {
          const record = recordOf(item);
          if (!record) continue;
          records.push(record);
          bytesOfEvents += record.value.length;
          if (bytesOfEvents > this.#maxEventBytes) throw tooManyBytes(this.#maxEventBytes);
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

const tooManyBytes = (limit: number) =>
  new Refusal(
    'too_large',
    `The events of the request have more than ${limit} bytes, because each repeats its resource and scope. Send smaller ` +
      'batches, or fewer resource attributes.',
  );
