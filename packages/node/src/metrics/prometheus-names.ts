import { DataPointType, type MetricData } from '@opentelemetry/sdk-metrics';

// OpenTelemetry specification, "Prometheus and OpenMetrics Compatibility": the names that the bridge and the Collector give, too, so that
// a metric has one name whichever way Prometheus gets it.

const pairs = (table: string): ReadonlyMap<string, string> =>
  new Map(table.split(', ').map((pair) => pair.split(' ', 2) as [string, string]));
/** UCUM codes in the words of Prometheus. */
const UNITS = pairs(
  'd days, h hours, min minutes, s seconds, ms milliseconds, us microseconds, ns nanoseconds, By bytes, KiBy kibibytes, ' +
    'MiBy mebibytes, GiBy gibibytes, kBy kilobytes, MBy megabytes, GBy gigabytes, Cel celsius, Hz hertz, % percent',
);
const PER = pairs('s second, m minute, min minute, h hour, d day');

/** `http.server.request.duration` in `s` → `http_server_request_duration_seconds`; counters end in `_total`. */
export function familyName(metric: MetricData): string {
  const { name, unit } = metric.descriptor;
  const tokens = name.split(/[^a-zA-Z0-9:]+/).filter((token) => token !== '');
  const [main = '', per = ''] = unit.replace(/\{[^}]*\}/g, '').split('/', 2);
  for (const word of [wordOf(main, UNITS), ...(per === '' ? [] : ['per', wordOf(per, PER)])]) {
    if (word !== '' && !tokens.includes(word)) tokens.push(word);
  }
  if (metric.dataPointType === DataPointType.GAUGE && unit === '1' && !tokens.includes('ratio'))
    tokens.push('ratio');
  const isCounter = metric.dataPointType === DataPointType.SUM && metric.isMonotonic;
  const all = isCounter ? [...tokens.filter((token) => token !== 'total'), 'total'] : tokens;
  const joined = all.join('_') || '_';
  return /^\d/.test(joined) ? `_${joined}` : joined;
}

function wordOf(code: string, words: ReadonlyMap<string, string>): string {
  const unit = code.trim();
  return unit === '1' ? '' : (words.get(unit) ?? unit).replace(/[^a-zA-Z0-9]+/g, '_').replace(/^_|_$/g, '');
}

/** `key="value",…` in the order of the keys. Keys that become the same label are joined with `;`. */
export function labelsOf(attributes: Readonly<Record<string, unknown>>): string {
  const labels = new Map<string, string>();
  for (const key of Object.keys(attributes).sort()) {
    const value = attributes[key];
    const text = typeof value === 'string' ? value : JSON.stringify(value ?? null);
    const name = labelName(key);
    const earlier = labels.get(name);
    labels.set(name, earlier === undefined ? text : `${earlier};${text}`);
  }
  return [...labels].map(([name, value]) => `${name}="${escapeLabel(value)}"`).join(',');
}

/** What Prometheus keeps for itself (`__name__`, `le`, `quantile`) would make the whole scrape invalid and is renamed. */
function labelName(key: string): string {
  const name = key.replace(/[^a-zA-Z0-9_]/g, '_').replace(/^__+/, '_');
  if (name === 'le' || name === 'quantile') return `exported_${name}`;
  return /^\d/.test(name) ? `key_${name}` : name === '' ? '_' : name;
}

const ESCAPES: Readonly<Record<string, string>> = { '\n': '\\n', '"': '\\"', '\\': '\\\\' };
const escapeLabel = (value: string): string => value.replace(/[\\\n"]/g, (found) => ESCAPES[found] ?? found);
