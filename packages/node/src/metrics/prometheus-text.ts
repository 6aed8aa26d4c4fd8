import {
  DataPointType,
  type Histogram,
  type MetricData,
  type ResourceMetrics,
} from '@opentelemetry/sdk-metrics';
import { familyName, labelsOf } from './prometheus-names.js';

/** Prometheus text 0.0.4, or OpenMetrics 1.0 with its `# EOF`. */
export type Format = 'text' | 'openmetrics';

interface Family {
  type: 'counter' | 'gauge' | 'histogram';
  help: string;
  samples: string;
}

/**
 * The metrics of a process as Prometheus reads them. A name that two libraries use with different types keeps the first, the other is
 * left out: with both the whole page would be invalid. So would it be with two headers for one name, which is why families
 * are gathered over all scopes first.
 */
export function prometheusText({ resource, scopeMetrics }: ResourceMetrics, format: Format): string {
  const families = new Map<string, Family>();
  for (const { scope, metrics } of scopeMetrics) {
    const own = labelsOf({
      'otel.scope.name': scope.name,
      ...(scope.version && { 'otel.scope.version': scope.version }),
    });
    for (const metric of metrics) {
      const type = typeOf(metric);
      if (type === undefined || metric.dataPoints.length === 0) continue;
      const name = familyName(metric);
      const family = families.get(name) ?? { type, help: metric.descriptor.description, samples: '' };
      if (family.type !== type) continue;
      family.samples += samplesOf(name, metric, own);
      families.set(name, family);
    }
  }
  let text = `# HELP target_info Resource of this process\n# TYPE target_info gauge\ntarget_info${braces(labelsOf(resource.attributes))} 1\n`;
  for (const [name, family] of families) {
    // In OpenMetrics the family of a counter has no suffix, its samples do.
    const shown =
      format === 'openmetrics' ? name.replace(/_total$/, family.type === 'counter' ? '' : '$&') : name;
    const help = family.help.replace(/[\\\n]/g, (found) => (found === '\n' ? '\\n' : '\\\\'));
    if (help !== '')
      text += `# HELP ${shown} ${format === 'openmetrics' ? help.replaceAll('"', '\\"') : help}\n`;
    text += `# TYPE ${shown} ${family.type}\n${family.samples}`;
  }
  return format === 'openmetrics' ? `${text}# EOF\n` : text;
}

/** A page without metrics that says why. OpenMetrics has no comments. */
export function commentAs(format: Format, comment: string): string {
  return format === 'openmetrics' ? '# EOF\n' : `# ${comment}\n`;
}

/** Undefined for exponential histograms, which the text formats cannot say. */
function typeOf(metric: MetricData): Family['type'] | undefined {
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

function samplesOf(name: string, metric: MetricData, scope: string): string {
  let text = '';
  if (metric.dataPointType === DataPointType.HISTOGRAM) {
    for (const { attributes, value } of metric.dataPoints)
      text += histogramOf(name, join(labelsOf(attributes), scope), value);
  } else if (metric.dataPointType !== DataPointType.EXPONENTIAL_HISTOGRAM) {
    for (const { attributes, value } of metric.dataPoints)
      text += `${name}${braces(join(labelsOf(attributes), scope))} ${number(value)}\n`;
  }
  return text;
}

function histogramOf(name: string, labels: string, { buckets, count, sum }: Histogram): string {
  let text = '';
  let cumulated = 0;
  buckets.boundaries.forEach((bound, index) => {
    cumulated += buckets.counts[index] ?? 0;
    if (bound !== Infinity)
      text += `${name}_bucket${braces(join(labels, `le="${float(bound)}"`))} ${number(cumulated)}\n`;
  });
  text += `${name}_bucket${braces(join(labels, 'le="+Inf"'))} ${number(count)}\n`;
  if (sum !== undefined) text += `${name}_sum${braces(labels)} ${number(sum)}\n`;
  return `${text}${name}_count${braces(labels)} ${number(count)}\n`;
}

const join = (first: string, second: string): string => (first === '' ? second : `${first},${second}`);
const braces = (labels: string): string => (labels === '' ? '' : `{${labels}}`);

function number(value: number): string {
  if (value === Infinity) return '+Inf';
  return value === -Infinity ? '-Inf' : value.toString();
}

/** Canonical form of `le`: always with a fraction or an exponent. */
function float(value: number): string {
  return Number.isInteger(value) && Math.abs(value) < 1e21 ? `${value.toString()}.0` : number(value);
}
