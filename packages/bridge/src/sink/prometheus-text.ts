import {
  bracedLabels,
  familyHeader,
  prometheusBound,
  prometheusNumber,
  renderExemplar,
  type PrometheusType,
} from '@unhinged/observability-core';
import type { Exemplar } from '@unhinged/observability-proto/otlp';
import { hex } from '@unhinged/events/otlp';
import type { Series } from './prometheus-series.js';

/** A family as it is exposed: `name` with unit and `_total`. */
export interface Family {
  name: string;
  type: PrometheusType;
  help: string;
  series: Map<string, Series>;
}

/** One family in the Prometheus text format 0.0.4 or, with exemplars, in OpenMetrics 1.0. */
export function renderFamily(family: Family, openMetrics: boolean): string {
  const { name, type } = family;
  let text = familyHeader(family, openMetrics);
  for (const series of family.series.values()) text += renderSeries(name, type, series, openMetrics);
  return text;
}

function renderSeries(name: string, type: PrometheusType, series: Series, openMetrics: boolean): string {
  const { labels } = series;
  const exemplar = (place: number) => (openMetrics ? exemplarText(series.exemplars.get(place)) : '');
  const all = bracedLabels(labels);
  if (type === 'counter') return `${name}${all} ${prometheusNumber(series.value)}${exemplar(0)}\n`;
  if (type === 'gauge') return `${name}${all} ${prometheusNumber(series.value)}\n`;
  let text = '';
  if (type === 'summary') {
    series.bounds.forEach((quantile, i) => {
      const at = bracedLabels(labels, `quantile="${prometheusNumber(quantile)}"`);
      text += `${name}${at} ${prometheusNumber(series.buckets[i] ?? NaN)}\n`;
    });
  } else {
    let cumulated = 0;
    series.bounds.forEach((bound, i) => {
      cumulated += series.buckets[i] ?? 0;
      const upTo = bracedLabels(labels, `le="${prometheusBound(bound)}"`);
      text += `${name}_bucket${upTo} ${prometheusNumber(cumulated)}${exemplar(i)}\n`;
    });
    const last = exemplar(series.bounds.length);
    text += `${name}_bucket${bracedLabels(labels, 'le="+Inf"')} ${prometheusNumber(series.count)}${last}\n`;
  }
  text += `${name}_sum${all} ${prometheusNumber(series.sum)}\n`;
  return `${text}${name}_count${all} ${prometheusNumber(series.count)}\n`;
}

function exemplarText(exemplar: Exemplar | undefined): string {
  if (!exemplar || exemplar.traceId.length === 0) return '';
  return renderExemplar({
    traceId: hex(exemplar.traceId),
    spanId: hex(exemplar.spanId),
    value: Number(exemplar.value?.value ?? 0),
    seconds: Number(exemplar.timeUnixNano / 1_000_000n) / 1000,
  });
}
