import { metrics, SpanKind, type Attributes, type Histogram } from '@opentelemetry/api';
import type { ReadableSpan } from '@opentelemetry/sdk-trace-base';
import { hasFailed } from './span-facts.js';

/** Name of the histogram. */
export const REQUEST_DURATION = 'unhinged.request.duration';
const MAX_NAMES = 200;
const BOUNDARIES = [0.005, 0.01, 0.025, 0.05, 0.075, 0.1, 0.25, 0.5, 0.75, 1, 2.5, 5, 7.5, 10];

/**
 * Rate, errors and duration of the local roots that no instrumentation measures: messages, jobs, RPC. HTTP has
 * `http.server.request.duration` and `http.client.request.duration`, recorded by the instrumentation, sampled or not; so is
 * this histogram, `unhinged.request.duration` in seconds, with the boundaries of the HTTP one.
 *
 * Attributes: `unhinged.operation` (the span's name; `_OTHER` after the first 200), `unhinged.operation.class` when it has one,
 * `otel.status_code` = `ERROR` when it failed.
 */
export class RequestDurations {
  private histogram: Histogram | undefined;
  private readonly names = new Set<string>();

  record(root: ReadableSpan, operationClass: string | undefined): void {
    const attributes = this.attributesOf(root, operationClass);
    if (attributes === undefined) return;
    // Made late: before the SDK has started there is no meter provider to ask.
    this.histogram ??= metrics.getMeter('@unhinged/observability-node').createHistogram(REQUEST_DURATION, {
      description: 'Duration of the first span of a trace in this process, other than HTTP',
      unit: 's',
      advice: { explicitBucketBoundaries: BOUNDARIES },
    });
    this.histogram.record(root.duration[0] + root.duration[1] / 1e9, attributes);
  }

  /** Of its data point; undefined when an instrumentation measures it. */
  attributesOf(root: ReadableSpan, operationClass: string | undefined): Attributes | undefined {
    if (root.attributes['http.request.method'] !== undefined && root.kind !== SpanKind.INTERNAL)
      return undefined;
    return {
      'unhinged.operation': this.bounded(root.name),
      ...(operationClass !== undefined && { 'unhinged.operation.class': operationClass }),
      ...(hasFailed(root) && { 'otel.status_code': 'ERROR' }),
    };
  }

  private bounded(name: string): string {
    if (this.names.has(name)) return name;
    if (this.names.size >= MAX_NAMES) return '_OTHER';
    this.names.add(name);
    return name;
  }
}
