import {
  DataPointType,
  type Histogram,
  type MetricData,
  type ResourceMetrics,
} from '@opentelemetry/sdk-metrics';
import {
  bracedLabels,
  familyHeader,
  prometheusBound,
  prometheusFamily,
  prometheusLabels,
  prometheusNumber,
  renderExemplar,
  renderLabels,
  type PrometheusType,
} from '@unhinged/observability-core';
import { exemplars, type Exemplar } from './exemplars.js';

/** Prometheus text 0.0.4, or OpenMetrics 1.0 with exemplars and its `# EOF`. */
export type Format = 'text' | 'openmetrics';

interface Family {
  type: PrometheusType;
  help: string;
  samples: string;
}

/**
 * The metrics of a process as Prometheus reads them. A name that two libraries use with different types keeps the first, the other is
 * left out: with both the whole page would be invalid. So would it be with two headers for one name, which is why families
 * are gathered over all scopes first.
 */
export function prometheusText({ resource, scopeMetrics }: ResourceMetrics, format: Format): string {
  const openMetrics = format === 'openmetrics';
  const families = new Map<string, Family>();
  for (const { scope, metrics } of scopeMetrics) {
    const own = labelsOf({
      'otel.scope.name': scope.name,
      ...(scope.version && { 'otel.scope.version': scope.version }),
    });
    for (const metric of metrics) {
      const type = typeOf(metric);
      if (type === undefined || metric.dataPoints.length === 0) continue;
      const isGauge = metric.dataPointType === DataPointType.GAUGE;
      const name = prometheusFamily({ ...metric.descriptor, type, isGauge });
      const family = families.get(name) ?? { type, help: metric.descriptor.description, samples: '' };
      if (family.type !== type) continue;
      family.samples += samplesOf(name, metric, own, openMetrics);
      families.set(name, family);
    }
  }
  let text = `# HELP target_info Resource of this process\n# TYPE target_info gauge\ntarget_info${bracedLabels(labelsOf(resource.attributes))} 1\n`;
  for (const [name, family] of families)
    text += familyHeader({ name, ...family }, openMetrics) + family.samples;
  return openMetrics ? `${text}# EOF\n` : text;
}

/** A page without metrics that says why. OpenMetrics has no comments. */
export function commentAs(format: Format, comment: string): string {
  return format === 'openmetrics' ? '# EOF\n' : `# ${comment}\n`;
}

/** Undefined for exponential histograms, which the text formats cannot say. */
function typeOf(metric: MetricData): PrometheusType | undefined {
  switch (metric.dataPointType) {
    case DataPointType.SUM:
      return metric.isMonotonic ? 'counter' : 'gauge';
    case DataPointType.GAUGE:
      return 'gauge';
    case DataPointType.HISTOGRAM:
      return 'histogram';
    default:
      return undefined;
  }
}

function samplesOf(name: string, metric: MetricData, scope: string, openMetrics: boolean): string {
  let text = '';
  if (metric.dataPointType === DataPointType.HISTOGRAM) {
    for (const { attributes, value } of metric.dataPoints) {
      const labels = joined(labelsOf(attributes), scope);
      text += histogramOf(
        name,
        labels,
        value,
        openMetrics ? exemplars.of(metric.descriptor.name, attributes) : [],
      );
    }
  } else if (metric.dataPointType !== DataPointType.EXPONENTIAL_HISTOGRAM) {
    for (const { attributes, value } of metric.dataPoints)
      text += `${name}${bracedLabels(joined(labelsOf(attributes), scope))} ${prometheusNumber(value)}\n`;
  }
  return text;
}

function histogramOf(name: string, labels: string, of: Histogram, known: readonly Exemplar[]): string {
  const { buckets, count, sum } = of;
  let text = '';
  let cumulated = 0;
  let above = -Infinity;
  let below = 0;
  const bucket = (bound: number, upTo: number) => {
    const le = bound === Infinity ? '+Inf' : prometheusBound(bound);
    // A span is measured a little apart from its duration, so at an edge it may seem to be in the next bucket, which may be empty.
    const within = upTo === below ? [] : known.filter(({ value }) => value > above && value <= bound);
    above = bound;
    below = upTo;
    const shown = within.sort((a, b) => b.number - a.number)[0];
    const exemplar = shown === undefined ? '' : renderExemplar({ ...shown, seconds: shown.epochMs / 1_000 });
    text += `${name}_bucket${bracedLabels(labels, `le="${le}"`)} ${prometheusNumber(upTo)}${exemplar}\n`;
  };
  buckets.boundaries.forEach((bound, index) => {
    cumulated += buckets.counts[index] ?? 0;
    if (bound !== Infinity) bucket(bound, cumulated);
  });
  bucket(Infinity, count);
  const all = bracedLabels(labels);
  if (sum !== undefined) text += `${name}_sum${all} ${prometheusNumber(sum)}\n`;
  return `${text}${name}_count${all} ${prometheusNumber(count)}\n`;
}

const labelsOf = (attributes: Readonly<Record<string, unknown>>): string =>
  renderLabels(prometheusLabels(attributes));
const joined = (first: string, second: string): string => (first === '' ? second : `${first},${second}`);
