/**
 * The three tables. Parquet files hold these columns; `date`, `hour` and `service` are in the folder names. A column is
 * added at the end of its group and never renamed or retyped: readers meet old and new files side by side.
 */

/** `observability_traces`, one row a span; `observability_logs`, one row a line; `observability_metrics`, one row a point. */
export type TableName = 'observability_traces' | 'observability_logs' | 'observability_metrics';

export interface Column {
  name: string;
  /** DuckDB type of the stored value. */
  type: string;
  doc: string;
  /** SQL that derives the value from the other fields of a row; without it the row carries the field itself. */
  from?: string;
}

// DuckDB reads Parquet nanoseconds as microseconds and loses digits, hence two columns for one moment.
const time = (what: string): Column[] => [
  {
    name: 'time',
    type: 'TIMESTAMP WITH TIME ZONE',
    doc: `${what}, microseconds, UTC`,
    from: 'make_timestamptz(time_unix_nano // 1000)',
  },
  { name: 'time_unix_nano', type: 'BIGINT', doc: 'the same moment in Unix nanoseconds' },
];

const id: Column = {
  name: 'event_id',
  type: 'VARCHAR',
  doc: 'id of the event (UUID); the same event has the same id in every sink',
};

const origin: Column[] = [
  { name: 'scope_name', type: 'VARCHAR', doc: 'instrumentation scope or logger' },
  { name: 'scope_version', type: 'VARCHAR', doc: 'its version' },
  { name: 'service_version', type: 'VARCHAR', doc: '`service.version`' },
  { name: 'environment', type: 'VARCHAR', doc: '`deployment.environment.name`' },
  { name: 'tier', type: 'VARCHAR', doc: 'web, gateway or backend' },
  {
    name: 'resource_attributes',
    type: 'MAP(VARCHAR, VARCHAR)',
    doc: 'other resource attributes; `service.name` too where the folder name had to be shortened',
  },
  { name: 'emitter_id', type: 'VARCHAR', doc: 'process start that emitted the event' },
  { name: 'sequence_number', type: 'BIGINT', doc: 'counts up per emitter; a gap is a loss' },
];

const request: Column[] = [
  { name: 'correlation_id', type: 'VARCHAR', doc: 'correlation id' },
  { name: 'request_id', type: 'VARCHAR', doc: 'request id' },
  { name: 'session_id', type: 'VARCHAR', doc: 'session id' },
  { name: 'user_id', type: 'VARCHAR', doc: 'user id' },
];

const attributes: Column = { name: 'attributes', type: 'VARCHAR', doc: "JSON object; `attributes->>'key'`" };

export const TABLES: Readonly<Record<TableName, readonly Column[]>> = {
  observability_traces: [
    id,
    ...time('start of the span'),
    { name: 'end_time_unix_nano', type: 'BIGINT', doc: 'end of the span in Unix nanoseconds' },
    { name: 'duration_ns', type: 'BIGINT', doc: 'end − start' },
    { name: 'trace_id', type: 'VARCHAR', doc: '32 lowercase hex digits' },
    { name: 'span_id', type: 'VARCHAR', doc: '16 lowercase hex digits' },
    { name: 'parent_span_id', type: 'VARCHAR', doc: 'empty for a root' },
    { name: 'name', type: 'VARCHAR', doc: 'name of the span' },
    { name: 'kind', type: 'VARCHAR', doc: 'unspecified, internal, server, client, producer, consumer' },
    { name: 'status_code', type: 'VARCHAR', doc: 'unset, ok, error' },
    { name: 'status_message', type: 'VARCHAR', doc: 'message of the status' },
    { name: 'trace_state', type: 'VARCHAR', doc: 'W3C tracestate' },
    attributes,
    { name: 'events', type: 'VARCHAR', doc: 'JSON array of `{name, time_unix_nano, attributes}`' },
    {
      name: 'links',
      type: 'VARCHAR',
      doc: 'JSON array of `{trace_id, span_id, trace_state, attributes}`',
    },
    ...request,
    {
      name: 'adjusted_count',
      type: 'DOUBLE',
      doc: 'how many spans this one stands for; 1 when nothing was sampled or known, 0 when others count for it',
    },
    ...origin,
  ],
  observability_logs: [
    id,
    ...time('when it happened'),
    { name: 'observed_time_unix_nano', type: 'BIGINT', doc: 'when it was seen; null when unknown' },
    { name: 'level', type: 'VARCHAR', doc: 'trace, debug, info, warn, error, fatal, unspecified' },
    { name: 'severity_number', type: 'INTEGER', doc: 'OpenTelemetry severity, 1 to 24; 0 when unknown' },
    { name: 'message', type: 'VARCHAR', doc: 'the line' },
    { name: 'event_name', type: 'VARCHAR', doc: 'OpenTelemetry event name' },
    { name: 'trace_id', type: 'VARCHAR', doc: '32 lowercase hex digits, empty outside a trace' },
    { name: 'span_id', type: 'VARCHAR', doc: '16 lowercase hex digits, empty outside a span' },
    ...request,
    { name: 'error_type', type: 'VARCHAR', doc: 'class of the error; null without one' },
    { name: 'error_message', type: 'VARCHAR', doc: 'its message' },
    { name: 'error_stack', type: 'VARCHAR', doc: 'its stack' },
    { name: 'error_causes', type: 'VARCHAR', doc: 'JSON array of `{type, message, stack}`, outermost first' },
    attributes,
    {
      name: 'lake_rate',
      type: 'DOUBLE',
      doc: 'share of lines like this one that were kept; 1/lake_rate scales counts back; 0 when no rule applied',
    },
    {
      name: 'adjusted_count',
      type: 'DOUBLE',
      doc: 'how many events this one stands for; 1 when nothing was sampled or known, 0 when others count for it',
    },
    ...origin,
  ],
  observability_metrics: [
    id,
    { name: 'point_index', type: 'INTEGER', doc: 'place of the point in its event, from 0' },
    ...time('time of the point'),
    { name: 'start_time_unix_nano', type: 'BIGINT', doc: 'start of the interval; 0 when unknown' },
    { name: 'name', type: 'VARCHAR', doc: 'name of the metric' },
    { name: 'description', type: 'VARCHAR', doc: 'its description' },
    { name: 'unit', type: 'VARCHAR', doc: 'UCUM unit' },
    { name: 'type', type: 'VARCHAR', doc: 'gauge, sum, histogram, exponential_histogram, summary' },
    { name: 'temporality', type: 'VARCHAR', doc: 'unspecified, delta, cumulative; null where it has none' },
    { name: 'is_monotonic', type: 'BOOLEAN', doc: 'sums only' },
    { name: 'value', type: 'DOUBLE', doc: 'gauge and sum' },
    { name: 'value_int', type: 'BIGINT', doc: 'the exact value where it was sent as an integer' },
    { name: 'count', type: 'BIGINT', doc: 'histograms and summaries' },
    { name: 'sum', type: 'DOUBLE', doc: 'histograms and summaries' },
    { name: 'min', type: 'DOUBLE', doc: 'histograms, where sent' },
    { name: 'max', type: 'DOUBLE', doc: 'histograms, where sent' },
    { name: 'bucket_counts', type: 'BIGINT[]', doc: 'histogram: one more than bounds' },
    { name: 'explicit_bounds', type: 'DOUBLE[]', doc: 'histogram: upper bounds, inclusive' },
    {
      name: 'exponential',
      type: 'VARCHAR',
      doc: 'JSON `{scale, zero_count, zero_threshold, positive: {offset, counts}, negative: …}`',
    },
    { name: 'quantiles', type: 'VARCHAR', doc: 'summary: JSON array of `{quantile, value}`' },
    attributes,
    {
      name: 'exemplars',
      type: 'VARCHAR',
      doc: 'JSON array of `{time_unix_nano, value, trace_id, span_id, attributes}`',
    },
    { name: 'flags', type: 'INTEGER', doc: 'OTLP data point flags; 1 = no recorded value' },
    ...origin,
  ],
};

export const TABLE_NAMES = Object.keys(TABLES) as TableName[];

/** In the folder names, in this order. */
export const PARTITIONS: readonly Column[] = [
  { name: 'date', type: 'DATE', doc: 'UTC date of `time`' },
  { name: 'hour', type: 'INTEGER', doc: 'UTC hour of `time`, folder `hour=00` to `hour=23`' },
  { name: 'service', type: 'VARCHAR', doc: '`service.name`, `unknown` when empty' },
];
