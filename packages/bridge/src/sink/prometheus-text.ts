import type { Exemplar } from '@unhinged/observability-proto/otlp';
import { hex } from '@unhinged/events/otlp';
import type { FamilyType, Series } from './prometheus-series.js';

/** A family as it is exposed: `name` with unit and `_total`. */
export interface Family {
  name: string;
  type: FamilyType;
  help: string;
  series: Map<string, Series>;
}

/** One family in the Prometheus text format 0.0.4 or, with exemplars, in OpenMetrics 1.0. */
export function renderFamily(family: Family, openMetrics: boolean): string {
  const { name, type, help } = family;
  // In OpenMetrics the family of a counter has no suffix.
  const shown = openMetrics && type === 'counter' ? name.replace(/_total$/, '') : name;
  let text = help === '' ? '' : `# HELP ${shown} ${escapeHelp(help, openMetrics)}\n`;
  text += `# TYPE ${shown} ${type}\n`;
  for (const series of family.series.values()) text += renderSeries(name, type, series, openMetrics);
  return text;
}

function renderSeries(name: string, type: FamilyType, series: Series, openMetrics: boolean): string {
  const { labels } = series;
  const exemplar = (place: number) => (openMetrics ? renderExemplar(series.exemplars.get(place)) : '');
  if (type === 'counter') return `${name}${braced(labels)} ${number(series.value)}${exemplar(0)}\n`;
  if (type === 'gauge') return `${name}${braced(labels)} ${number(series.value)}\n`;
  let text = '';
  if (type === 'summary') {
    series.bounds.forEach((quantile, i) => {
      text += `${name}${braced(labels, `quantile="${number(quantile)}"`)} ${number(series.buckets[i] ?? NaN)}\n`;
    });
  } else {
    let cumulated = 0;
    series.bounds.forEach((bound, i) => {
      cumulated += series.buckets[i] ?? 0;
      text += `${name}_bucket${braced(labels, `le="${float(bound)}"`)} ${number(cumulated)}${exemplar(i)}\n`;
    });
    const last = exemplar(series.bounds.length);
    text += `${name}_bucket${braced(labels, 'le="+Inf"')} ${number(series.count)}${last}\n`;
  }
  text += `${name}_sum${braced(labels)} ${number(series.sum)}\n`;
  return `${text}${name}_count${braced(labels)} ${number(series.count)}\n`;
}

function renderExemplar(exemplar: Exemplar | undefined): string {
  if (!exemplar || exemplar.traceId.length === 0) return '';
  const value = number(Number(exemplar.value?.value ?? 0));
  const seconds = Number(exemplar.timeUnixNano / 1_000_000n) / 1000;
  return ` # {trace_id="${hex(exemplar.traceId)}",span_id="${hex(exemplar.spanId)}"} ${value} ${number(seconds)}`;
}

function braced(labels: string, more?: string): string {
  const all = labels === '' ? (more ?? '') : more ? `${labels},${more}` : labels;
  return all === '' ? '' : `{${all}}`;
}

function number(value: number): string {
  if (value === Infinity) return '+Inf';
  return value === -Infinity ? '-Inf' : String(value);
}

/** Canonical form of `le`: always with a fraction or an exponent. */
const float = (value: number): string =>
  Number.isInteger(value) && Math.abs(value) < 1e21 ? `${value}.0` : number(value);

const escapeHelp = (help: string, openMetrics: boolean): string =>
  help.replace(openMetrics ? /[\\\n"]/g : /[\\\n]/g, (character) =>
    character === '\n' ? '\\n' : `\\${character}`,
  );
