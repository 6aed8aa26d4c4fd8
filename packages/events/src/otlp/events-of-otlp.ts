import { ObservabilityError } from '@unhinged/observability-core';
import { InstrumentationScope } from '@unhinged/observability-proto/otlp';

import type { EventRecord } from '../transport.js';
import type { EventIdentity, ItemContext } from './item-context.js';
import { logRecord } from './logs.js';
import { metricRecord } from './metrics.js';
import { Rejections } from './rejections.js';
import { Source } from './source.js';
import { spanRecord } from './spans.js';
import { countItems, type ScopeGroup, splitRequest } from './wire/items.js';
import { requestTypes, type Signal } from './wire/schema.js';
import { validate } from './wire/validate.js';

export interface OtlpOptions {
  identity: EventIdentity;
  /** Unix milliseconds at which the request was received; stands in for times that cannot be. */
  nowMs: number;
  /**
   * Most bytes that the events of one request may have. Each repeats the resource and the scope, so a small request can become very
   * large.
   */
  maxEventBytes: number;
  onRepair?: (what: string) => void;
  onNoDestination?: () => void;
}

/** The events of one export request. Nothing is stored yet. */
export interface EventBatch {
  signal: Signal;
  /** One a stored item, in the order of the request. */
  records: EventRecord[];
  /** Spans, metrics or log records of the request. */
  items: number;
  rejected: Rejections;
}

/**
 * Makes events of an OTLP export request. Spans and metrics are moved as bytes, never decoded. No item is taken when it throws.
 *
 * @throws WireError when the bytes are not the signal's export request.
 * @throws ObservabilityError `too_large`
 */
export function eventsOfOtlp(signal: Signal, bytes: Uint8Array, options: OtlpOptions): EventBatch {
  validate(bytes, requestTypes[signal]);
  const groups = splitRequest(bytes);
  const context: ItemContext = {
    identity: options.identity,
    index: 0,
    nowNano: BigInt(Math.floor(options.nowMs)) * 1_000_000n,
    rejected: new Rejections(),
    onRepair: options.onRepair ?? ignore,
    onNoDestination: options.onNoDestination ?? ignore,
  };
  const records: EventRecord[] = [];
  let bytesOfEvents = 0;
  for (const group of groups) {
    const source = new Source(group.resource);
    for (const scope of group.scopes) {
      const recordOf = recorder(signal, scope, source, context);
      for (const item of scope.items) {
        const record = recordOf(item);
        context.index++;
        if (!record) continue;
        records.push(record);
        bytesOfEvents += record.value.length;
        if (bytesOfEvents > options.maxEventBytes) throw tooManyBytes(options.maxEventBytes);
      }
    }
  }
  return { signal, records, items: countItems(groups), rejected: context.rejected };
}

function recorder(
  signal: Signal,
  { scope }: ScopeGroup,
  source: Source,
  context: ItemContext,
): (item: Uint8Array) => EventRecord | undefined {
  if (signal === 'traces') return (item) => spanRecord(item, scope, source, context);
  if (signal === 'metrics') return (item) => metricRecord(item, scope, source, context);
  const scopeName = scope ? InstrumentationScope.decode(scope).name : '';
  return (item) => logRecord(item, scopeName, source, context);
}

const ignore = (): void => undefined;

const tooManyBytes = (limit: number) =>
  new ObservabilityError(
    'too_large',
    `The events of the request have more than ${limit} bytes, because each repeats its resource and scope. Send smaller ` +
      'batches, or fewer resource attributes.',
  );
