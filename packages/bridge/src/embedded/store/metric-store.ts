import {
  structFromKeyValues,
  type Attributes,
  type MetricInfo,
  type MetricSeriesResponse,
} from '@unhinged/observability-core';
import type { MetricEvent } from '@unhinged/observability-proto';
import { readMetric } from './metric-reading.js';
import { MetricSeries } from './metric-series.js';
import { serviceOf } from './resource-view.js';

const MAX_SERIES = 2_000;

interface StoredMetric {
  info: Omit<MetricInfo, 'services'>;
  series: Map<string, MetricSeries>;
}

/** The last points of every metric, ready for a chart. */
export class MetricStore {
  readonly #metrics = new Map<string, StoredMetric>();
  /** All series as metric name and key; the one that got a point last stands last. */
  readonly #order = new Map<MetricSeries, { name: string; key: string }>();
  #evicted = 0;

  get size(): { series: number; evicted: number } {
    return { series: this.#order.size, evicted: this.#evicted };
  }

  add({ metric, resource }: MetricEvent): void {
    const read = metric && readMetric(metric);
    if (!metric || !read || metric.name === '') return;
    const { name, unit, description } = metric;
    const stored = this.#metrics.get(name) ?? {
      info: { name, unit, description, type: read.type },
      series: new Map<string, MetricSeries>(),
    };
    this.#metrics.set(name, stored);
    const service = serviceOf(resource);
    // Two processes of one service count for themselves.
    const instance = resource?.attributes['service.instance.id'] ?? '';
    for (const reading of read.readings) {
      const attributes: Attributes = structFromKeyValues(reading.attributes);
      const key = JSON.stringify([service, instance, Object.entries(attributes).sort(byKey)]);
      const series = stored.series.get(key) ?? new MetricSeries({ service, instance, attributes });
      stored.series.set(key, series);
      this.#order.delete(series);
      this.#order.set(series, { name, key });
      series.add(read.meaning, reading);
    }
    if (stored.series.size === 0) this.#metrics.delete(name);
    this.#evict();
  }

  list(): MetricInfo[] {
    return [...this.#metrics.values()]
      .map(({ info, series }) => ({
        ...info,
        services: [...new Set([...series.values()].map(({ service }) => service))].sort(),
      }))
      .sort((a, b) => (a.name < b.name ? -1 : 1));
  }

  /** Undefined when there is no such metric. */
  series(name: string, service?: string): MetricSeriesResponse | undefined {
    const metric = this.#metrics.get(name);
    if (!metric) return undefined;
    const wanted = [...metric.series.values()].filter(
      (series) => (service === undefined || series.service === service) && series.points.length > 0,
    );
    const several = new Set(wanted.map(({ instance }) => instance)).size > 1;
    return {
      name,
      unit: metric.info.unit,
      series: wanted.map(({ service, instance, attributes, points }) => ({
        service,
        // A long id that only matters where it tells lines apart.
        attributes: several ? { ...attributes, 'service.instance.id': instance } : attributes,
        points: [...points],
      })),
    };
  }

  #evict(): void {
    for (const [series, { name, key }] of this.#order) {
      if (this.#order.size <= MAX_SERIES) return;
      this.#order.delete(series);
      const metric = this.#metrics.get(name);
      metric?.series.delete(key);
      if (metric?.series.size === 0) this.#metrics.delete(name);
      this.#evicted++;
    }
  }
}

const byKey = ([a]: [string, unknown], [b]: [string, unknown]): number => (a < b ? -1 : 1);
