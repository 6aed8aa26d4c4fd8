import type { EventRecord } from '@unhinged/events';
import { MetricEvent, type Resource } from '@unhinged/observability-proto';
import {
  prometheusFamily,
  prometheusLabels,
  renderLabels,
  structFromKeyValues,
  type PrometheusType,
} from '@unhinged/observability-core';
import type { Counters } from '../counters.js';
import { linesOf, samplesOf, Series, type Sample } from './prometheus-series.js';
import { renderFamily, type Family } from './prometheus-text.js';

export interface PrometheusSinkOptions {
  /** Lines of the exposition that come from OTLP; series beyond are dropped and counted. */
  maxSeries: number;
  /** Milliseconds after its last point for which a series is exposed; Prometheus itself looks back as far. */
  staleAfterMs: number;
  /** Unix milliseconds. */
  now: () => number;
}

/** Holds the present value of every metric received over OTLP, for Prometheus to scrape. */
export class PrometheusSink {
  readonly #families = new Map<string, Family>();
  readonly #counters: Counters;
  readonly #options: PrometheusSinkOptions;
  #lines = 0;

  constructor(counters: Counters, options: PrometheusSinkOptions) {
    this.#counters = counters;
    this.#options = options;
    counters.onCollect(() => {
      counters.set('prometheus_series', undefined, this.#lines);
    });
  }

  /** Takes in metric events. Never throws for what is in them: they are stored already. */
  accept(records: readonly EventRecord[]): void {
    for (const record of records) {
      const { metric, resource, scope } = MetricEvent.decode(record.value);
      if (!metric || !resource) continue;
      const fixed = new Map([...identity(resource)]);
      this.#update(
        'target_info',
        'gauge',
        'Resource of a target',
        render(targetLabels(resource, fixed)),
        targetInfo,
      );
      if (scope?.name) fixed.set('otel_scope_name', scope.name);
      if (scope?.version) fixed.set('otel_scope_version', scope.version);
      const isGauge = metric.data?.$case === 'gauge';
      for (const sample of samplesOf(metric)) {
        const name = prometheusFamily({ ...metric, type: sample.type, isGauge });
        const labels = prometheusLabels(structFromKeyValues(sample.attributes));
        for (const [key, value] of fixed) labels.set(key, value);
        this.#update(name, sample.type, metric.description, render(labels), sample);
      }
    }
  }

  /** All series that are not stale; `openMetrics` adds exemplars. The end mark of OpenMetrics is left to the caller. */
  expose(openMetrics: boolean): string {
    this.#forgetStale();
    let text = '';
    for (const family of this.#families.values()) text += renderFamily(family, openMetrics);
    return text;
  }

  #update(name: string, type: PrometheusType, help: string, labels: string, sample: Sample): void {
    const family = this.#families.get(name) ?? { name, type, help, series: new Map<string, Series>() };
    if (family.type !== type) {
      this.#drop('type_conflict');
      return;
    }
    const known = family.series.get(labels);
    if (sample.ended) {
      if (known) this.#forget(family, labels, known);
      return;
    }
    const before = known?.lines ?? 0;
    if (this.#lines - before + linesOf(sample) > this.#options.maxSeries) {
      this.#forgetStale();
      if (this.#lines - before + linesOf(sample) > this.#options.maxSeries) {
        this.#drop('series_limit');
        return;
      }
    }
    const series = known ?? new Series(labels);
    if (!series.update(sample, this.#options.now())) {
      this.#drop('not_newer');
      return;
    }
    this.#families.set(name, family);
    family.series.set(labels, series);
    this.#lines += series.lines - before;
  }

  #drop(reason: string): void {
    this.#counters.add('prometheus_dropped_points_total', { reason });
  }

  #forgetStale(): void {
    const oldest = this.#options.now() - this.#options.staleAfterMs;
    for (const family of this.#families.values()) {
      for (const [labels, series] of family.series) {
        if (series.seenMs < oldest) this.#forget(family, labels, series);
      }
    }
  }

  #forget(family: Family, labels: string, series: Series): void {
    this.#lines -= series.lines;
    family.series.delete(labels);
    if (family.series.size === 0) this.#families.delete(family.name);
  }
}

const targetInfo: Sample = {
  ...{ type: 'gauge', delta: false, timeNano: 0n, attributes: [], ended: false },
  ...{ value: 1, count: 0, sum: 0, bounds: [], buckets: [], exemplars: [] },
};

/** `job` is namespace/service, `instance` the service's instance id. */
function identity({ serviceName, attributes }: Resource): Map<string, string> {
  const namespace = attributes['service.namespace'];
  const labels = new Map([['job', namespace ? `${namespace}/${serviceName}` : serviceName]]);
  const instance = attributes['service.instance.id'];
  if (instance) labels.set('instance', instance);
  return labels;
}

function targetLabels(resource: Resource, fixed: ReadonlyMap<string, string>): Map<string, string> {
  const rest = Object.entries(resource.attributes).filter(
    ([key]) => key !== 'service.namespace' && key !== 'service.instance.id',
  );
  const labels = prometheusLabels(Object.fromEntries(rest));
  if (resource.serviceVersion) labels.set('service_version', resource.serviceVersion);
  if (resource.deploymentEnvironment)
    labels.set('deployment_environment_name', resource.deploymentEnvironment);
  for (const [key, value] of fixed) labels.set(key, value);
  return labels;
}

/** Sorted, so that the same labels in another order are the same series. */
const render = (labels: ReadonlyMap<string, string>): string =>
  renderLabels([...labels].sort(([a], [b]) => (a < b ? -1 : 1)));
