import {
  aggregationTemporalityFromJSON,
  severityNumberFromJSON,
  span_SpanKindFromJSON,
  status_StatusCodeFromJSON,
} from '@unhinged/observability-proto/otlp';
import { BYTES, FIXED32, FIXED64, VARINT } from './reader.js';

export type Scalar =
  | 'string'
  | 'bytes'
  /** Bytes that OTLP JSON writes in hex: trace and span ids. */
  | 'id'
  | 'bool'
  | 'int64'
  | 'uint64'
  | 'uint32'
  | 'sint32'
  | 'fixed32'
  | 'fixed64'
  | 'sfixed64'
  | 'double'
  | 'enum';

export interface Field {
  number: number;
  /** As in the .proto file. */
  name: string;
  /** As in OTLP JSON: lowerCamelCase. */
  jsonName: string;
  kind: Scalar | 'message';
  wireType: number;
  repeated: boolean;
  /** Set when `kind` is message. */
  message?: MessageType;
  /** Set when `kind` is enum: number of a JSON name or number, negative when unknown. */
  enumOf?: (json: unknown) => number;
}

/** The shape of one OTLP message. Fields it does not name are let through unread. */
export class MessageType {
  readonly name: string;
  /** By field number. */
  readonly fields: (Field | undefined)[] = [];
  /** By JSON name and by name in the .proto file. */
  readonly byName = new Map<string, Field>();

  constructor(name: string) {
    this.name = name;
  }

  add(number: number, name: string, type: Scalar | MessageType, more?: 'repeated' | Field['enumOf']): this {
    const kind = typeof type === 'string' ? type : 'message';
    const jsonName = name.replace(/_(.)/g, (_, letter: string) => letter.toUpperCase());
    const field: Field = {
      number,
      name,
      jsonName,
      kind,
      wireType: wireTypes[kind],
      repeated: more === 'repeated',
    };
    if (typeof type !== 'string') field.message = type;
    if (typeof more === 'function') field.enumOf = more;
    this.fields[number] = field;
    this.byName.set(name, field).set(jsonName, field);
    return this;
  }
}

const wireTypes: Readonly<Record<Field['kind'], number>> = {
  string: BYTES,
  bytes: BYTES,
  id: BYTES,
  message: BYTES,
  bool: VARINT,
  int64: VARINT,
  uint64: VARINT,
  uint32: VARINT,
  sint32: VARINT,
  enum: VARINT,
  fixed32: FIXED32,
  fixed64: FIXED64,
  sfixed64: FIXED64,
  double: FIXED64,
};

const type = (name: string) => new MessageType(name);

// OTLP 1.x, fields in the order of the .proto files (opentelemetry-proto, package opentelemetry.proto).
export const AnyValueType = type('AnyValue');
const ArrayValue = type('ArrayValue').add(1, 'values', AnyValueType, 'repeated');
const KeyValue = type('KeyValue').add(1, 'key', 'string').add(2, 'value', AnyValueType);
const KeyValueList = type('KeyValueList').add(1, 'values', KeyValue, 'repeated');
AnyValueType.add(1, 'string_value', 'string')
  .add(2, 'bool_value', 'bool')
  .add(3, 'int_value', 'int64')
  .add(4, 'double_value', 'double')
  .add(5, 'array_value', ArrayValue)
  .add(6, 'kvlist_value', KeyValueList)
  .add(7, 'bytes_value', 'bytes');
const Scope = type('InstrumentationScope')
  .add(1, 'name', 'string')
  .add(2, 'version', 'string')
  .add(3, 'attributes', KeyValue, 'repeated')
  .add(4, 'dropped_attributes_count', 'uint32');
const EntityRef = type('EntityRef')
  .add(1, 'schema_url', 'string')
  .add(2, 'type', 'string')
  .add(3, 'id_keys', 'string', 'repeated')
  .add(4, 'description_keys', 'string', 'repeated');
const ResourceType = type('Resource')
  .add(1, 'attributes', KeyValue, 'repeated')
  .add(2, 'dropped_attributes_count', 'uint32')
  .add(3, 'entity_refs', EntityRef, 'repeated');

const SpanEvent = type('Event')
  .add(1, 'time_unix_nano', 'fixed64')
  .add(2, 'name', 'string')
  .add(3, 'attributes', KeyValue, 'repeated')
  .add(4, 'dropped_attributes_count', 'uint32');
const Link = type('Link')
  .add(1, 'trace_id', 'id')
  .add(2, 'span_id', 'id')
  .add(3, 'trace_state', 'string')
  .add(4, 'attributes', KeyValue, 'repeated')
  .add(5, 'dropped_attributes_count', 'uint32')
  .add(6, 'flags', 'fixed32');
const Status = type('Status').add(2, 'message', 'string').add(3, 'code', 'enum', status_StatusCodeFromJSON);
const Span = type('Span')
  .add(1, 'trace_id', 'id')
  .add(2, 'span_id', 'id')
  .add(3, 'trace_state', 'string')
  .add(4, 'parent_span_id', 'id')
  .add(16, 'flags', 'fixed32')
  .add(5, 'name', 'string')
  .add(6, 'kind', 'enum', span_SpanKindFromJSON)
  .add(7, 'start_time_unix_nano', 'fixed64')
  .add(8, 'end_time_unix_nano', 'fixed64')
  .add(9, 'attributes', KeyValue, 'repeated')
  .add(10, 'dropped_attributes_count', 'uint32')
  .add(11, 'events', SpanEvent, 'repeated')
  .add(12, 'dropped_events_count', 'uint32')
  .add(13, 'links', Link, 'repeated')
  .add(14, 'dropped_links_count', 'uint32')
  .add(15, 'status', Status);

const LogRecord = type('LogRecord')
  .add(1, 'time_unix_nano', 'fixed64')
  .add(11, 'observed_time_unix_nano', 'fixed64')
  .add(2, 'severity_number', 'enum', severityNumberFromJSON)
  .add(3, 'severity_text', 'string')
  .add(5, 'body', AnyValueType)
  .add(6, 'attributes', KeyValue, 'repeated')
  .add(7, 'dropped_attributes_count', 'uint32')
  .add(8, 'flags', 'fixed32')
  .add(9, 'trace_id', 'id')
  .add(10, 'span_id', 'id')
  .add(12, 'event_name', 'string');

const Exemplar = type('Exemplar')
  .add(7, 'filtered_attributes', KeyValue, 'repeated')
  .add(2, 'time_unix_nano', 'fixed64')
  .add(3, 'as_double', 'double')
  .add(6, 'as_int', 'sfixed64')
  .add(4, 'span_id', 'id')
  .add(5, 'trace_id', 'id');
const NumberDataPoint = type('NumberDataPoint')
  .add(7, 'attributes', KeyValue, 'repeated')
  .add(2, 'start_time_unix_nano', 'fixed64')
  .add(3, 'time_unix_nano', 'fixed64')
  .add(4, 'as_double', 'double')
  .add(6, 'as_int', 'sfixed64')
  .add(5, 'exemplars', Exemplar, 'repeated')
  .add(8, 'flags', 'uint32');
const HistogramDataPoint = type('HistogramDataPoint')
  .add(9, 'attributes', KeyValue, 'repeated')
  .add(2, 'start_time_unix_nano', 'fixed64')
  .add(3, 'time_unix_nano', 'fixed64')
  .add(4, 'count', 'fixed64')
  .add(5, 'sum', 'double')
  .add(6, 'bucket_counts', 'fixed64', 'repeated')
  .add(7, 'explicit_bounds', 'double', 'repeated')
  .add(8, 'exemplars', Exemplar, 'repeated')
  .add(10, 'flags', 'uint32')
  .add(11, 'min', 'double')
  .add(12, 'max', 'double');
const Buckets = type('Buckets').add(1, 'offset', 'sint32').add(2, 'bucket_counts', 'uint64', 'repeated');
const ExponentialHistogramDataPoint = type('ExponentialHistogramDataPoint')
  .add(1, 'attributes', KeyValue, 'repeated')
  .add(2, 'start_time_unix_nano', 'fixed64')
  .add(3, 'time_unix_nano', 'fixed64')
  .add(4, 'count', 'fixed64')
  .add(5, 'sum', 'double')
  .add(6, 'scale', 'sint32')
  .add(7, 'zero_count', 'fixed64')
  .add(8, 'positive', Buckets)
  .add(9, 'negative', Buckets)
  .add(10, 'flags', 'uint32')
  .add(11, 'exemplars', Exemplar, 'repeated')
  .add(12, 'min', 'double')
  .add(13, 'max', 'double')
  .add(14, 'zero_threshold', 'double');
const ValueAtQuantile = type('ValueAtQuantile').add(1, 'quantile', 'double').add(2, 'value', 'double');
const SummaryDataPoint = type('SummaryDataPoint')
  .add(7, 'attributes', KeyValue, 'repeated')
  .add(2, 'start_time_unix_nano', 'fixed64')
  .add(3, 'time_unix_nano', 'fixed64')
  .add(4, 'count', 'fixed64')
  .add(5, 'sum', 'double')
  .add(6, 'quantile_values', ValueAtQuantile, 'repeated')
  .add(8, 'flags', 'uint32');
const pointsOf = (name: string, point: MessageType) => type(name).add(1, 'data_points', point, 'repeated');
const temporal = (name: string, point: MessageType) =>
  pointsOf(name, point).add(2, 'aggregation_temporality', 'enum', aggregationTemporalityFromJSON);
const Metric = type('Metric')
  .add(1, 'name', 'string')
  .add(2, 'description', 'string')
  .add(3, 'unit', 'string')
  .add(5, 'gauge', pointsOf('Gauge', NumberDataPoint))
  .add(7, 'sum', temporal('Sum', NumberDataPoint).add(3, 'is_monotonic', 'bool'))
  .add(9, 'histogram', temporal('Histogram', HistogramDataPoint))
  .add(10, 'exponential_histogram', temporal('ExponentialHistogram', ExponentialHistogramDataPoint))
  .add(11, 'summary', pointsOf('Summary', SummaryDataPoint))
  .add(12, 'metadata', KeyValue, 'repeated');

/** Request → resource → scope → item, the same numbers for the three signals: 1, then 1 resource and 2, then 1 scope and 2. */
function request(signal: string, items: string, item: MessageType): MessageType {
  const scoped = type(`Scope${signal}`)
    .add(1, 'scope', Scope)
    .add(2, items, item, 'repeated')
    .add(3, 'schema_url', 'string');
  const resourced = type(`Resource${signal}`)
    .add(1, 'resource', ResourceType)
    .add(2, `scope_${signal.toLowerCase()}`, scoped, 'repeated')
    .add(3, 'schema_url', 'string');
  return type(`Export${signal}Request`).add(1, `resource_${signal.toLowerCase()}`, resourced, 'repeated');
}

/** The three signals of OTLP. */
export const SIGNALS = ['traces', 'metrics', 'logs'] as const;
export type Signal = (typeof SIGNALS)[number];

/** The export request of each signal. */
export const requestTypes: Readonly<Record<Signal, MessageType>> = {
  traces: request('Spans', 'spans', Span),
  metrics: request('Metrics', 'metrics', Metric),
  logs: request('Logs', 'log_records', LogRecord),
};
