import { ExportResultCode, type ExportResult } from '@opentelemetry/core';
import {
  AggregationTemporality,
  AggregationType,
  InstrumentType,
  type AggregationOption,
  type PushMetricExporter,
  type ResourceMetrics,
} from '@opentelemetry/sdk-metrics';
import { text, type Env } from '../config/read-env.js';
import { within } from '../exit.js';
import type { SignalCounts } from '../stats.js';
import { warnOnce } from '../warn.js';
import { MAX_QUEUE_BYTES } from './batcher.js';
import type { Builder } from './builders.js';
import type { Outbox } from './outbox.js';

/** Where the points of a PeriodicExportingMetricReader go. Counts them; a collection is one request. */
export class OtlpMetricExporter implements PushMetricExporter {
  private stopped: Promise<void> | undefined;
  private readonly temporality: (instrument: InstrumentType) => AggregationTemporality;
  private readonly aggregation: (instrument: InstrumentType) => AggregationOption;

  constructor(
    private readonly builder: Builder<ResourceMetrics>,
    readonly outbox: Outbox,
    private readonly counts: SignalCounts,
    private readonly flushMs: number,
    env: Env,
  ) {
    this.temporality = temporalityFrom(env);
    this.aggregation = aggregationFrom(env);
  }

  selectAggregationTemporality(instrument: InstrumentType): AggregationTemporality {
    return this.temporality(instrument);
  }

  selectAggregation(instrument: InstrumentType): AggregationOption {
    return this.aggregation(instrument);
  }

  /** Done when the points are queued: what becomes of them is counted, not reported to the reader. */
  export(metrics: ResourceMetrics, done: (result: ExportResult) => void): void {
    const points = pointsIn(metrics);
    this.counts.created += points;
    if (this.stopped !== undefined) this.counts.drop('stopped', points);
    else if (this.outbox.bytes >= MAX_QUEUE_BYTES) {
      this.counts.drop('queue_full', points);
      warnOnce('metric points are dropped: the collector is slow or away; see stats()');
    } else if (points > 0) this.take(metrics, points);
    done({ code: ExportResultCode.SUCCESS });
  }

  /** Resolves when all queued points have an outcome, or after the configured time. */
  async forceFlush(): Promise<void> {
    this.outbox.nudge();
    await within(this.flushMs, this.outbox.drained());
  }

  shutdown(): Promise<void> {
    this.stopped ??= this.forceFlush().then(() => this.outbox.stop());
    return this.stopped;
  }

  async end(): Promise<void> {
    this.stopped ??= Promise.resolve();
    await this.outbox.stop();
  }

  private take(metrics: ResourceMetrics, points: number): void {
    try {
      this.builder.add(metrics);
      this.outbox.push({ body: this.builder.take(), count: points });
    } catch (error) {
      // What of it was readable must not leave with the next collection.
      this.builder.take();
      this.counts.drop('failed', points);
      warnOnce(`metric points that cannot be read are dropped: ${String(error)}; see stats()`);
    }
  }
}

function pointsIn({ scopeMetrics }: ResourceMetrics): number {
  let points = 0;
  for (const { metrics } of scopeMetrics) for (const { dataPoints } of metrics) points += dataPoints.length;
  return points;
}

/** OTEL_EXPORTER_OTLP_METRICS_TEMPORALITY_PREFERENCE (OTLP metrics exporter specification, "Additional Configuration"). */
function temporalityFrom(env: Env): (instrument: InstrumentType) => AggregationTemporality {
  const { COUNTER, HISTOGRAM, OBSERVABLE_COUNTER, GAUGE, OBSERVABLE_GAUGE } = InstrumentType;
  const name = 'OTEL_EXPORTER_OTLP_METRICS_TEMPORALITY_PREFERENCE';
  const preference = text(env, name)?.toLowerCase() ?? 'cumulative';
  const deltas = new Map<string, readonly InstrumentType[]>([
    ['cumulative', []],
    ['delta', [COUNTER, HISTOGRAM, OBSERVABLE_COUNTER, GAUGE, OBSERVABLE_GAUGE]],
    ['lowmemory', [COUNTER, HISTOGRAM]],
  ]).get(preference);
  if (deltas === undefined) {
    warnOnce(`startNode: ${name} must be cumulative, delta or lowmemory, got '${preference}'; ignored`);
  }
  return (instrument) =>
    deltas?.includes(instrument) === true ? AggregationTemporality.DELTA : AggregationTemporality.CUMULATIVE;
}

/** OTEL_EXPORTER_OTLP_METRICS_DEFAULT_HISTOGRAM_AGGREGATION. */
function aggregationFrom(env: Env): (instrument: InstrumentType) => AggregationOption {
  const name = 'OTEL_EXPORTER_OTLP_METRICS_DEFAULT_HISTOGRAM_AGGREGATION';
  const wanted = text(env, name)?.toLowerCase() ?? 'explicit_bucket_histogram';
  const exponential = wanted === 'base2_exponential_bucket_histogram';
  if (!exponential && wanted !== 'explicit_bucket_histogram') {
    warnOnce(
      `startNode: ${name} must be explicit_bucket_histogram or base2_exponential_bucket_histogram, got '${wanted}'; ignored`,
    );
  }
  return (instrument) =>
    exponential && instrument === InstrumentType.HISTOGRAM
      ? { type: AggregationType.EXPONENTIAL_HISTOGRAM }
      : { type: AggregationType.DEFAULT };
}
