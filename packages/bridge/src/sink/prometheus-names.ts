import type { Metric } from '@unhinged/observability-proto/otlp';

// OpenTelemetry specification, "Prometheus and OpenMetrics Compatibility", OTLP metric points to Prometheus.

const words = (table: string) =>
  new Map(table.split(', ').map((pair) => pair.split(' ', 2) as [string, string]));
/** UCUM code to the word that Prometheus uses. */
const UNITS = words(
  'd days, h hours, min minutes, s seconds, ms milliseconds, us microseconds, ns nanoseconds, By bytes, KiBy kibibytes, ' +
    'MiBy mebibytes, GiBy gibibytes, TiBy tibibytes, KBy kilobytes, kBy kilobytes, MBy megabytes, GBy gigabytes, ' +
    'TBy terabytes, m meters, V volts, A amperes, J joules, W watts, g grams, Cel celsius, Hz hertz, % percent',
);
const PER_UNITS = words('s second, m minute, min minute, h hour, d day, w week, mo month, y year');

/** Name of the Prometheus family, with unit and, for counters, `_total`: `http.server.duration` in `s` → `http_server_duration_seconds`. */
export function familyName(metric: Metric): string {
  const isCounter = metric.data?.$case === 'sum' && metric.data.value.isMonotonic;
  const tokens = metric.name.split(/[^a-zA-Z0-9:]+/).filter((token) => token !== '');
  for (const token of unitTokens(metric.unit)) {
    if (!tokens.includes(token)) tokens.push(token);
  }
  if (metric.data?.$case === 'gauge' && metric.unit === '1' && !tokens.includes('ratio'))
    tokens.push('ratio');
  const name = isCounter ? [...tokens.filter((token) => token !== 'total'), 'total'] : tokens;
  const joined = name.join('_') || '_';
  return /^\d/.test(joined) ? `_${joined}` : joined;
}

/** `By/s` → bytes, per, second. Annotations in braces say nothing. */
function unitTokens(unit: string): string[] {
  const [main = '', per = ''] = unit.replace(/\{[^}]*\}/g, '').split('/', 2);
  const word = (code: string, table: ReadonlyMap<string, string>) =>
    code === '1' ? '' : (table.get(code) ?? code).replace(/[^a-zA-Z0-9]+/g, '_').replace(/^_|_$/g, '');
  const mainWord = word(main.trim(), UNITS);
  const perWord = word(per.trim(), PER_UNITS);
  return [...(mainWord ? [mainWord] : []), ...(perWord ? ['per', perWord] : [])];
}

/**
 * Label name: anything but letters, digits and underscores becomes an underscore. What Prometheus keeps for itself (`__name__`,
 * `le`, `quantile`) would make the whole scrape invalid and is renamed, as is a leading digit.
 */
export function labelName(key: string): string {
  const name = key.replace(/[^a-zA-Z0-9_]/g, '_').replace(/^__+/, '_');
  if (name === 'le' || name === 'quantile') return `exported_${name}`;
  return /^\d/.test(name) ? `key_${name}` : name === '' ? '_' : name;
}

/**
 * Labels from attributes: values that are no strings as JSON; keys that become the same label are joined with `;` in the order
 * of the keys.
 */
export function toLabels(attributes: Readonly<Record<string, unknown>>): Map<string, string> {
  const labels = new Map<string, string>();
  for (const key of Object.keys(attributes).sort()) {
    const value = attributes[key];
    const text = typeof value === 'string' ? value : JSON.stringify(value ?? null);
    const name = labelName(key);
    const earlier = labels.get(name);
    labels.set(name, earlier === undefined ? text : `${earlier};${text}`);
  }
  return labels;
}
