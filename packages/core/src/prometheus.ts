// Names and texts of Prometheus as the OpenTelemetry specification asks ("Prometheus and OpenMetrics Compatibility"), for the bridge and the
// Node tier, so that a metric has one name whichever way Prometheus gets it.

/** Kinds of a Prometheus family. */
export type PrometheusType = 'counter' | 'gauge' | 'histogram' | 'summary';

const words = (table: string): ReadonlyMap<string, string> =>
  new Map(table.split(', ').map((pair) => pair.split(' ', 2) as [string, string]));

/**
 * Name of a family, with unit and, for counters, `_total`: `http.server.request.duration` in `s` → `http_server_request_duration_seconds`.
 *
 * @param metric `unit`: UCUM. `isGauge`: an OpenTelemetry gauge, whose unit 1 is a ratio; an up-down counter's is not.
 */
export function prometheusFamily(metric: {
  name: string;
  unit: string;
  type: PrometheusType;
  isGauge: boolean;
}): string {
  const tokens = metric.name.split(/[^a-zA-Z0-9:]+/).filter((token) => token !== '');
  for (const token of unitTokens(metric.unit)) if (!tokens.includes(token)) tokens.push(token);
  if (metric.isGauge && metric.unit === '1' && !tokens.includes('ratio')) tokens.push('ratio');
  const all = metric.type === 'counter' ? [...tokens.filter((token) => token !== 'total'), 'total'] : tokens;
  const joined = all.join('_') || '_';
  return /^\d/.test(joined) ? `_${joined}` : joined;
}

/** In OpenMetrics the family of a counter has no suffix, its samples do. */
export function shownFamily(name: string, type: PrometheusType, openMetrics: boolean): string {
  return openMetrics && type === 'counter' ? name.replace(/_total$/, '') : name;
}

let units: readonly [main: ReadonlyMap<string, string>, per: ReadonlyMap<string, string>] | undefined;
/** UCUM codes in the words of Prometheus. Made when first needed: a module that does nothing when loaded can be left out of a bundle. */
const tables = () =>
  (units ??= [
    words(
      'd days, h hours, min minutes, s seconds, ms milliseconds, us microseconds, ns nanoseconds, By bytes, KiBy kibibytes, ' +
        'MiBy mebibytes, GiBy gibibytes, TiBy tibibytes, KBy kilobytes, kBy kilobytes, MBy megabytes, GBy gigabytes, ' +
        'TBy terabytes, m meters, V volts, A amperes, J joules, W watts, g grams, Cel celsius, Hz hertz, % percent',
    ),
    words('s second, m minute, min minute, h hour, d day, w week, mo month, y year'),
  ]);

/** `By/s` → bytes, per, second. Annotations in braces say nothing. */
function unitTokens(unit: string): string[] {
  const [main = '', per = ''] = unit.replace(/\{[^}]*\}/g, '').split('/', 2);
  const [mains, pers] = tables();
  const word = (code: string, table: ReadonlyMap<string, string>) =>
    code === '1' ? '' : (table.get(code) ?? code).replace(/[^a-zA-Z0-9]+/g, '_').replace(/^_|_$/g, '');
  const mainWord = word(main.trim(), mains);
  const perWord = word(per.trim(), pers);
  return [...(mainWord ? [mainWord] : []), ...(perWord ? ['per', perWord] : [])];
}

/**
 * Labels from attributes, in the order of their keys: values that are no strings as JSON; keys that become the same label are joined
 * with `;`. What Prometheus keeps for itself (`__name__`, `le`, `quantile`) would make the whole scrape invalid and is renamed.
 */
export function prometheusLabels(attributes: Readonly<Record<string, unknown>>): Map<string, string> {
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

/** Anything but letters, digits and underscores becomes an underscore; a digit does not come first. */
function labelName(key: string): string {
  const name = key.replace(/[^a-zA-Z0-9_]/g, '_').replace(/^__+/, '_');
  if (name === 'le' || name === 'quantile') return `exported_${name}`;
  return /^\d/.test(name) ? `key_${name}` : name === '' ? '_' : name;
}

/** `name="value",…` without braces. */
export function renderLabels(labels: Iterable<readonly [name: string, value: string]>): string {
  return Array.from(labels, ([name, value]) => `${name}="${escapeLabel(value)}"`).join(',');
}

/** Rendered labels in braces, with one more behind them where there is one; nothing for none. */
export function bracedLabels(labels: string, more = ''): string {
  const all = labels === '' || more === '' ? labels + more : `${labels},${more}`;
  return all === '' ? '' : `{${all}}`;
}

/** A label's value: backslash, double quote and line feed escaped. */
export function escapeLabel(value: string): string {
  return value.replace(/[\\"\n]/g, (found) => (found === '\n' ? '\\n' : `\\${found}`));
}

/** `# HELP` and `# TYPE` of a family, each on its line. */
export function familyHeader(
  family: { name: string; type: PrometheusType; help: string },
  openMetrics: boolean,
): string {
  const shown = shownFamily(family.name, family.type, openMetrics);
  const help = family.help.replace(openMetrics ? /[\\\n"]/g : /[\\\n]/g, (found) =>
    found === '\n' ? '\\n' : `\\${found}`,
  );
  return `${help === '' ? '' : `# HELP ${shown} ${help}\n`}# TYPE ${shown} ${family.type}\n`;
}

export function prometheusNumber(value: number): string {
  if (value === Infinity) return '+Inf';
  return value === -Infinity ? '-Inf' : String(value);
}

/** Canonical form of `le`: always with a fraction or an exponent. */
export function prometheusBound(value: number): string {
  return Number.isInteger(value) && Math.abs(value) < 1e21 ? `${value}.0` : prometheusNumber(value);
}

/** What OpenMetrics puts behind a sample: one measurement and the span that it was taken in. `seconds`: Unix time. */
export function renderExemplar(of: {
  traceId: string;
  spanId: string;
  value: number;
  seconds: number;
}): string {
  const value = prometheusNumber(of.value);
  return ` # {trace_id="${of.traceId}",span_id="${of.spanId}"} ${value} ${prometheusNumber(of.seconds)}`;
}
