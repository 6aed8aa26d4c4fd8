import type { Attributes, MetricSeriesResponse } from '@unhinged/observability-core';
import { bucketQuantile, subtract, type Buckets } from './buckets.js';
import type { MetricKind, Reading } from './metric-reading.js';

export type Point = MetricSeriesResponse['series'][number]['points'][number];

const MAX_POINTS = 360;

/** One line of a chart: turns readings into points, a rate or a mean where readings only ever grow. */
export class MetricSeries {
  readonly service: string;
  readonly instance: string;
  readonly attributes: Attributes;
  readonly points: Point[] = [];
  #last: Reading | undefined;

  constructor(of: { service: string; instance: string; attributes: Attributes }) {
    this.service = of.service;
    this.instance = of.instance;
    this.attributes = of.attributes;
  }

  /** Takes in a reading; one that is not newer than the last is left out. */
  add(meaning: MetricKind['meaning'], reading: Reading): void {
    const last = this.#last;
    if (last && reading.timeNano <= last.timeNano) return;
    this.#last = reading;
    const point = pointOf(meaning, reading, last);
    if (!point) return;
    this.points.push(point);
    if (this.points.length > MAX_POINTS) this.points.shift();
  }
}

function pointOf(meaning: MetricKind['meaning'], now: Reading, last: Reading | undefined): Point | undefined {
  const timeMs = Number(now.timeNano / 1_000_000n);
  if (meaning === 'level') return finite({ timeMs, value: now.value });
  const change = meaning === 'delta' ? sinceStart(now, last) : sinceLast(now, last);
  if (!change) return undefined;
  if (change.count === undefined) {
    // Without a length of time there is no rate.
    return change.seconds > 0 ? finite({ timeMs, value: change.value / change.seconds }) : undefined;
  }
  if (change.count <= 0) return undefined;
  return finite({ timeMs, value: change.value / change.count, ...quantiles(now, change.buckets) });
}

interface Change {
  seconds: number;
  value: number;
  count: number | undefined;
  buckets: Buckets | undefined;
}

const seconds = (from: bigint, to: bigint): number => Number(to - from) / 1e9;

/** The whole reading, over the time since its start, or since the last reading where it tells no start. */
function sinceStart(now: Reading, last: Reading | undefined): Change | undefined {
  const from = now.startNano > 0n ? now.startNano : last?.timeNano;
  if (from === undefined) return undefined;
  return { seconds: seconds(from, now.timeNano), value: now.value, count: now.count, buckets: now.buckets };
}

/** What came since the last reading of the same counter; since the counter's start when there is none. */
function sinceLast(now: Reading, last: Reading | undefined): Change | undefined {
  const wasReset =
    last === undefined ||
    (now.startNano !== 0n && now.startNano !== last.startNano) ||
    (now.count ?? now.value) < (last.count ?? last.value);
  if (wasReset) return now.startNano > 0n ? sinceStart(now, undefined) : undefined;
  return {
    seconds: seconds(last.timeNano, now.timeNano),
    value: now.value - last.value,
    count: now.count === undefined ? undefined : now.count - (last.count ?? 0),
    // Exponential buckets may have changed their scale; then the quantiles are of all time, which is close.
    buckets: now.buckets && ((last.buckets && subtract(now.buckets, last.buckets)) ?? now.buckets),
  };
}

function quantiles(now: Reading, buckets: Buckets | undefined): Partial<Point> {
  const of = (q: number) => now.quantiles?.get(q) ?? (buckets && bucketQuantile(buckets, q));
  const [p50, p95, p99] = [of(0.5), of(0.95), of(0.99)];
  return {
    ...(p50 !== undefined && { p50 }),
    ...(p95 !== undefined && { p95 }),
    ...(p99 !== undefined && { p99 }),
  };
}

/** JSON has no NaN and no infinities. */
const finite = (point: Point): Point | undefined => (Number.isFinite(point.value) ? point : undefined);
