export interface Family {
  type: string;
  samples: { name: string; labels: Record<string, string>; value: number; exemplar?: Exemplar }[];
}

export interface Exemplar {
  traceId: string;
  spanId: string;
  value: number;
}

const EXEMPLAR = /^(.*) # \{trace_id="([\da-f]{32})",span_id="([\da-f]{16})"\} (\d\S*) \d+\.?\d*$/;
const SUFFIXES: Readonly<Record<string, readonly string[]>> = {
  gauge: [''],
  histogram: ['_bucket', '_sum', '_count'],
};

/**
 * A strict reader of Prometheus text 0.0.4 and OpenMetrics 1.0, as promtool is: one header a family and its samples after it, no series
 * twice, names and labels well formed, histograms cumulative up to `+Inf` = count. Throws at the first line that is not so.
 */
export function parsePrometheus(page: string, format: 'text' | 'openmetrics'): Map<string, Family> {
  const lines = page.split('\n');
  if (lines.pop() !== '') throw new Error('the page does not end with a newline');
  if (format === 'openmetrics' && lines.pop() !== '# EOF')
    throw new Error('the page does not end with # EOF');
  const families = new Map<string, Family>();
  const seen = new Set<string>();
  let current = '';
  for (const line of lines) {
    const fail = (why: string): never => {
      throw new Error(`${why}: ${line}`);
    };
    const header = /^# (HELP|TYPE) ([a-zA-Z_:][\w:]*)(?: (.*))?$/.exec(line);
    if (header !== null) {
      const [, kind, name = '', rest = ''] = header;
      if (kind === 'HELP') continue;
      if (families.has(name)) fail('second TYPE of a family');
      if (!['counter', 'gauge', 'histogram'].includes(rest)) fail('unknown type');
      families.set(name, { type: rest, samples: [] });
      current = name;
      continue;
    }
    const [, sampled = line, traceId = '', spanId = '', measured] =
      (format === 'openmetrics' ? EXEMPLAR.exec(line) : null) ?? [];
    const sample = /^([a-zA-Z_:][\w:]*)(?:\{(.*)\})? (\S+)$/.exec(sampled) ?? fail('no sample');
    const [, name = '', labelText = '', value = ''] = sample;
    const family = families.get(current) ?? fail('sample before any TYPE');
    const counter = format === 'openmetrics' ? ['_total'] : [''];
    const suffixes = family.type === 'counter' ? counter : (SUFFIXES[family.type] ?? []);
    if (!suffixes.some((suffix) => name === current + suffix)) fail(`not of the family ${current}`);
    const labels: Record<string, string> = {};
    let rest = labelText;
    while (rest !== '') {
      const label = /^([a-zA-Z_]\w*)="((?:[^"\\]|\\[\\n"])*)"(?:,|$)/.exec(rest) ?? fail('bad label');
      const [all, key = '', text = ''] = label;
      if (key in labels) fail(`label ${key} twice`);
      labels[key] = text;
      rest = rest.slice(all.length);
    }
    const number = value === '+Inf' ? Infinity : value === '-Inf' ? -Infinity : Number(value);
    if (Number.isNaN(number) && value !== 'NaN') fail('bad value');
    const series = JSON.stringify([name, Object.entries(labels).sort()]);
    if (seen.has(series)) fail('series twice');
    seen.add(series);
    const exemplar = measured === undefined ? undefined : { traceId, spanId, value: Number(measured) };
    if (exemplar !== undefined && !name.endsWith('_bucket')) fail('an exemplar at no bucket');
    family.samples.push({ name, labels, value: number, ...(exemplar && { exemplar }) });
  }
  for (const [name, family] of families) if (family.type === 'histogram') checkHistogram(name, family);
  return families;
}

function checkHistogram(name: string, { samples }: Family): void {
  const bySeries = new Map<string, { last: number; inf?: number; count?: number }>();
  for (const { name: of, labels, value } of samples) {
    const { le, ...rest } = labels;
    const key = JSON.stringify(Object.entries(rest).sort());
    const known = bySeries.get(key) ?? { last: 0 };
    bySeries.set(key, known);
    if (of.endsWith('_bucket')) {
      if (value < known.last) throw new Error(`${name}: buckets are not cumulative`);
      known.last = value;
      if (le === '+Inf') known.inf = value;
      else if (!/[.e]/.test(le ?? '')) throw new Error(`${name}: le="${le ?? ''}" is not canonical`);
    }
    if (of.endsWith('_count')) known.count = value;
  }
  for (const { inf, count } of bySeries.values())
    if (inf === undefined || inf !== count) throw new Error(`${name}: the +Inf bucket is not the count`);
}
