import { TOPICS } from '../topics.js';
import type { EventRecord } from '../transport.js';
import { FIXED64, WireReader } from './wire/reader.js';
import { fieldsOf } from './wire/items.js';
import { encodeEvent, toStreamAndLake } from './envelope.js';
import { eventTime } from './event-time.js';
import type { ItemContext } from './item-context.js';
import type { Source } from './source.js';

const destinations = toStreamAndLake('observability_metrics');
/** Fields of Metric that hold data points, all of which have the points in field 1 and a point's time in its field 3. */
const DATA_FIELDS = new Set([5, 7, 9, 10, 11]);
const TIME_FIELD = (3 << 3) | FIXED64;

/** One metric with its points, not decoded. Undefined when it has no name. */
export function metricRecord(
  metric: Uint8Array,
  scope: Uint8Array | undefined,
  source: Source,
  context: ItemContext,
): EventRecord | undefined {
  const fields = fieldsOf(metric);
  const points = fields
    .filter((field) => DATA_FIELDS.has(field.number))
    .flatMap((field) => fieldsOf(field.value).filter((point) => point.number === 1));
  if (!fields.some((field) => field.number === 1 && field.value.length > 0)) {
    context.rejected.add(
      'no_metric_name',
      'the data points of a metric without a name',
      Math.max(points.length, 1),
    );
    return undefined;
  }
  const newest = points.reduce((latest, point) => {
    const nano = timeOf(point.value);
    return nano > latest ? nano : latest;
  }, 0n);
  const { nano, replaced } = eventTime([newest], context.nowNano);
  if (replaced) context.onRepair('bad_time');
  const parts = { eventType: 'metric', nano, source, destinations, context };
  return {
    topic: TOPICS.metrics,
    key: source.key,
    eventType: 'metric',
    value: encodeEvent(parts, metric, scope),
  };
}

function timeOf(point: Uint8Array): bigint {
  const reader = new WireReader(point);
  let nano = 0n;
  while (reader.pos < point.length) {
    const tag = reader.tag(point.length);
    if (tag === TIME_FIELD) nano = reader.fixed64(point.length);
    else reader.skip(tag & 7, point.length);
  }
  return nano;
}
