/** The file in variables, and the paths of what it says beyond them. */
export interface Translated {
  variables: Record<string, string>;
  unknown: string[];
}

/** Says a model of OpenTelemetry's declarative configuration in `OTEL_*` variables. */
export function translate(model: unknown): Translated {
  const variables: Record<string, string> = {};
  const otlp = new Map<string, string>();
  const target: Target = {
    set: (name, value) => {
      // Null leaves the default.
      if (value !== null && value !== undefined)
        variables[name] = typeof value === 'string' ? value : JSON.stringify(value);
    },
    setDefault: (name, value) => {
      variables[name] ??= value;
    },
    add: (name, item) => {
      const items = new Set((variables[name] ?? '').split(',').filter((each) => each !== ''));
      variables[name] = [...items.add(item)].join(',');
    },
    takesOtlp: (signal, index) => {
      if (!otlp.has(signal)) otlp.set(signal, index);
      return otlp.get(signal) === index;
    },
  };
  const unknown = leaves(model, '')
    .filter(([path, value]) => {
      if (value === undefined) return false;
      for (const [pattern, apply] of RULES) {
        const match = pattern.exec(path);
        if (match !== null) return apply(value, match, target) === false;
      }
      return true;
    })
    .map(([path]) => path);
  // A provider that the file leaves out is none (specification, declarative configuration).
  for (const signal of Object.values(SIGNALS)) variables[`OTEL_${signal}_EXPORTER`] ??= 'none';
  return { variables, unknown };
}

/** One value of the file: `tracer_provider.processors.0.batch.schedule_delay` and 500. */
type Leaf = readonly [path: string, value: unknown];

interface Target {
  set: (variable: string, value: unknown) => void;
  /** Unless it has been set. */
  setDefault: (variable: string, value: string) => void;
  /** To a list in a variable. */
  add: (variable: string, item: string) => void;
  /** One OTLP exporter a signal: true for the first index that asks. */
  takesOtlp: (signal: string, index: string) => boolean;
}

/** False when the value has no counterpart after all. */
type Apply = (value: unknown, match: RegExpExecArray, target: Target) => boolean | undefined;
type Rule = readonly [path: RegExp, apply: Apply];

/** Arrays whose entries belong together. */
const WHOLE = /(^|\.)(headers|attributes|composite|detectors)$/;
const SIGNALS = { tracer_provider: 'TRACES', meter_provider: 'METRICS', logger_provider: 'LOGS' } as const;

function leaves(value: unknown, path: string): Leaf[] {
  const isTree = typeof value === 'object' && value !== null && Object.keys(value).length > 0;
  if (!isTree || WHOLE.test(path)) return [[path, value]];
  return Object.entries(value).flatMap(([key, each]) => leaves(each, path === '' ? key : `${path}.${key}`));
}

/** A plain value under the name of a variable: `prefix` and the last part of the path. */
const under =
  (prefix: string): Apply =>
  (value, match, { set }) => {
    set(`${prefix}${(match[1] ?? '').toUpperCase()}`, value);
    return undefined;
  };
const as =
  (variable: string): Apply =>
  (value, _match, { set }) => {
    set(variable, value);
    return undefined;
  };

const LIMIT = '(attribute_count_limit|attribute_value_length_limit)';
const SETTINGS: Readonly<Record<string, string>> = {
  endpoint: 'ENDPOINT',
  headers_list: 'HEADERS',
  compression: 'COMPRESSION',
  timeout: 'TIMEOUT',
  'tls.ca_file': 'CERTIFICATE',
  'tls.key_file': 'CLIENT_KEY',
  'tls.cert_file': 'CLIENT_CERTIFICATE',
  'tls.insecure': 'INSECURE',
  temporality_preference: 'TEMPORALITY_PREFERENCE',
  default_histogram_aggregation: 'DEFAULT_HISTOGRAM_AGGREGATION',
};

const RULES: readonly Rule[] = [
  [/^disabled$/, as('OTEL_SDK_DISABLED')],
  [
    /^log_level$/,
    (value, _match, { set }) => {
      // `trace2`, `info4` and the like are steps of a level.
      const level = String(value).replace(/\d$/, '');
      set('OTEL_LOG_LEVEL', { trace: 'verbose', fatal: 'error' }[level] ?? level);
      return undefined;
    },
  ],
  [new RegExp(`^attribute_limits\\.${LIMIT}$`), under('OTEL_')],
  [/^tracer_provider\.limits\.((?:event|link)_attribute_count_limit)$/, under('OTEL_')],
  [
    new RegExp(`^tracer_provider\\.limits\\.(${LIMIT}|event_count_limit|link_count_limit)$`),
    under('OTEL_SPAN_'),
  ],
  [new RegExp(`^logger_provider\\.limits\\.${LIMIT}$`), under('OTEL_LOGRECORD_')],
  [
    /^resource\.attributes$/,
    (value, _match, { add }) => {
      for (const { name, value: text } of value as { name: string; value: unknown }[])
        add('OTEL_RESOURCE_ATTRIBUTES', `${encodeURIComponent(name)}=${encodeURIComponent(String(text))}`);
      return undefined;
    },
  ],
  [
    /^resource\.attributes_list$/,
    (value, _match, { add }) => {
      if (typeof value === 'string') add('OTEL_RESOURCE_ATTRIBUTES', value);
      return undefined;
    },
  ],
  [
    /^propagator\.composite$/,
    (value, _match, { add }) => {
      for (const each of value as object[])
        for (const name of Object.keys(each)) add('OTEL_PROPAGATORS', name);
      return undefined;
    },
  ],
  [
    /^propagator\.composite_list$/,
    (value, _match, { add }) => {
      for (const name of String(value).split(',')) add('OTEL_PROPAGATORS', name.trim());
      return undefined;
    },
  ],
  [
    /^tracer_provider\.sampler\.(parent_based\.root\.)?(?:(always_on|always_off)|trace_id_ratio_based(?:\.ratio)?)$/,
    (value, [, parentBased, fixed], { set }) => {
      set(
        'OTEL_TRACES_SAMPLER',
        `${parentBased === undefined ? '' : 'parentbased_'}${fixed ?? 'traceidratio'}`,
      );
      if (fixed === undefined && typeof value === 'number') set('OTEL_TRACES_SAMPLER_ARG', value);
      return undefined;
    },
  ],
  [
    /^tracer_provider\.processors\.\d+\.batch\.(schedule_delay|export_timeout|max_queue_size|max_export_batch_size)$/,
    under('OTEL_BSP_'),
  ],
  [
    /^logger_provider\.processors\.\d+\.batch\.(schedule_delay|export_timeout|max_queue_size|max_export_batch_size)$/,
    under('OTEL_BLRP_'),
  ],
  [/^meter_provider\.readers\.\d+\.periodic\.(interval|timeout)$/, under('OTEL_METRIC_EXPORT_')],
  [
    /^(\w+_provider)\.(?:processors|readers)\.(\d+)\.\w+\.exporter\.(otlp_grpc|otlp_http|console)(?:\.(.+))?$/,
    (value, [, provider, index = '', type, setting], { set, setDefault, add, takesOtlp }) => {
      const signal = SIGNALS[provider as keyof typeof SIGNALS];
      if (type === 'console') {
        add(`OTEL_${signal}_EXPORTER`, 'console');
        return setting === undefined;
      }
      if (!takesOtlp(signal, index)) return false;
      add(`OTEL_${signal}_EXPORTER`, 'otlp');
      const prefix = `OTEL_EXPORTER_OTLP_${signal}_`;
      if (setting === 'encoding') {
        set(`${prefix}PROTOCOL`, value === 'json' ? 'http/json' : 'http/protobuf');
        return undefined;
      }
      setDefault(`${prefix}PROTOCOL`, type === 'otlp_grpc' ? 'grpc' : 'http/protobuf');
      if (setting === undefined) return undefined;
      if (setting === 'headers') {
        for (const header of value as { name: string; value: string | null }[])
          if (header.value !== null)
            add(`${prefix}HEADERS`, `${header.name}=${encodeURIComponent(header.value)}`);
        return undefined;
      }
      const variable = SETTINGS[setting];
      if (variable === undefined) return false;
      set(prefix + variable, value);
      return undefined;
    },
  ],
  [
    /^meter_provider\.readers\.\d+\.pull\.exporter\.prometheus\/development(?:\.(host|port))?$/,
    (value, [, setting], { set, add }) => {
      add('OTEL_METRICS_EXPORTER', 'prometheus');
      if (setting !== undefined) set(`OTEL_EXPORTER_PROMETHEUS_${setting.toUpperCase()}`, value);
      return undefined;
    },
  ],
];
