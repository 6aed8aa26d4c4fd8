import type { MetricSeriesResponse } from '@unhinged/observability-core';
import { formatValue } from '../../format/format.js';

export type Series = MetricSeriesResponse['series'][number];
export const STATISTICS = ['value', 'p50', 'p95', 'p99'] as const;
export type Statistic = (typeof STATISTICS)[number];

/** Columns as uPlot takes them: seconds first, then a column per series with null where it has no point. */
export interface ChartData {
  seconds: number[];
  columns: (number | null)[][];
}

/** Series of different times side by side on all times of any of them. */
export function alignSeries(series: readonly Series[], statistic: Statistic): ChartData {
  const times = [...new Set(series.flatMap(({ points }) => points.map(({ timeMs }) => timeMs)))];
  times.sort((left, right) => left - right);
  const positions = new Map(times.map((time, index) => [time, index]));
  const columns = series.map(({ points }) => {
    const column = new Array<number | null>(times.length).fill(null);
    for (const point of points) {
      const position = positions.get(point.timeMs);
      if (position !== undefined) column[position] = point[statistic] ?? null;
    }
    return column;
  });
  return { seconds: times.map((time) => time / 1000), columns };
}

/** The statistics that some point of the series has; percentiles exist for histograms only. */
export function statisticsOf(series: readonly Series[]): Statistic[] {
  return STATISTICS.filter(
    (statistic) =>
      statistic === 'value' ||
      series.some(({ points }) => points.some((point) => point[statistic] !== undefined)),
  );
}

/** A name that tells a series from its neighbours: its service, and the attributes that are not the same in all of them. */
export function seriesLabels(series: readonly Series[]): string[] {
  const names = [...new Set(series.flatMap(({ attributes }) => Object.keys(attributes)))].sort();
  const textOf = (one: Series, name: string): string | undefined => {
    const value = one.attributes[name];
    return value === undefined ? undefined : formatValue(value);
  };
  const telling = names.filter((name) => new Set(series.map((one) => textOf(one, name))).size > 1);
  return series.map((one) => {
    const parts = telling.flatMap((name) => {
      const text = textOf(one, name);
      return text === undefined ? [] : [`${name}=${text}`];
    });
    return [one.service, ...parts].join(' ');
  });
}

/** What a chart shows of so many moments, in seconds. A single one is in the middle of a minute: uPlot would show the day after it. */
export const shownTime = (moments: number, first: number, last: number): [from: number, to: number] =>
  moments === 1 ? [first - 30, first + 30] : [first, last];

/** The last point of a series that has the statistic. */
export function latest(series: Series, statistic: Statistic): number | undefined {
  return series.points.findLast((point) => point[statistic] !== undefined)?.[statistic];
}

/** A value with its unit in UCUM notation, in the unit a reader expects: durations and bytes are scaled. */
export function metricUnit(unit: string): {
  kind: 'duration' | 'bytes' | 'count';
  factor: number;
  suffix: string;
} {
  const durations: Record<string, number> = { ns: 1e-6, us: 1e-3, ms: 1, s: 1e3 };
  const factor = durations[unit];
  if (factor !== undefined) return { kind: 'duration', factor, suffix: '' };
  if (unit === 'By') return { kind: 'bytes', factor: 1, suffix: '' };
  // UCUM annotations such as {request} only describe; 1 is no unit.
  const text = unit.replace(/[{}]/g, '');
  return { kind: 'count', factor: 1, suffix: text === '1' ? '' : text };
}
