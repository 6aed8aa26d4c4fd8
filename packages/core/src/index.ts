export {
  Logger,
  resolveFlags,
  type ChildMetadata,
  type LogEntry,
  type LoggerOptions,
} from './logger/logger.js';
export { LogLine, type ConsoleSink, type RecordSink, type TraceIds } from './logger/line.js';
export { DEFAULT_REDACTED, KeyRedaction, REDACTED, type Censor, type KnownKey } from './key-redaction.js';
export { Redaction, resolveRedaction, type Redact, type RedactOptions } from './redaction.js';
export { redactAttributes } from './redact-attributes.js';
export { formatJsonLine, formatPrettyLine, isoTime } from './logger/format.js';
export {
  ATTR_COMPONENT,
  ATTR_EXCEPTION_CAUSES,
  ID_ATTRIBUTES,
  recordAttributes,
} from './logger/record-attributes.js';
export { ObservabilityError } from './errors.js';
export {
  CDC_STREAM,
  CONSOLE,
  DATA_LAKE,
  defaultFlags,
  formatFlags,
  formatLevelFlags,
  levelFlags,
  parseFlags,
  parseLevelFlags,
  type Flags,
  type LevelFlags,
} from './flags.js';
export {
  LOG_LEVELS,
  levelOfProto,
  levelOfSeverity,
  levelOfText,
  protoLevel,
  severityNumber,
  type LogLevel,
} from './severity.js';
export { Sequence, deriveEventId, uuidv7 } from './ids.js';
export { partitionInfo } from './partition.js';
export {
  ATTR_DESTINATIONS,
  ATTR_LAKE_RATE,
  ATTR_SERVICE_TYPE,
  ATTR_TIER,
  UNKNOWN_SERVICE,
  toEventResource,
} from './resource.js';
export { DEFAULT_LAKE_RATE, lakeDecision, traceIdPasses, type LakeDecision } from './lake-routing.js';
export {
  defaultPolicy,
  parsePolicy,
  type ErrorSpikePolicy,
  type Policy,
  type WindowPolicy,
} from './policy.js';
export {
  SamplingEngine,
  type SamplingDecision,
  type SamplingEngineOptions,
  type SamplingReason,
  type SegmentFacts,
} from './sampling/sampling-engine.js';
export {
  LocalTail,
  type EndFacts,
  type LocalTailOptions,
  type LocalTailStats,
} from './sampling/local-tail.js';
export { OperationClasses, type OperationFacts } from './sampling/operation-classes.js';
export type { OperationRule, SamplingPolicy, SamplingRates, SamplingRow } from './sampling/policy.js';
export {
  adjustedCountOf,
  formatThreshold,
  parseThreshold,
  randomnessOf,
  thresholdOf,
} from './sampling/threshold.js';
export {
  adjustedCountIn,
  hasKeepMark,
  readOtelState,
  withKeepMark,
  type OtelState,
} from './sampling/trace-state.js';
export {
  EVENT_TYPE,
  alertFingerprint,
  buildAlertEvent,
  buildLogEvent,
  fromTimestamp,
  toDestinations,
  toTimestamp,
  type AlertEventInput,
  type EnvelopeInput,
  type EventContext,
  type LogEventInput,
} from './build-event.js';
export { errorInfo, isError } from './error-info.js';
export {
  fromAnyValue,
  fromKeyValues,
  structFromAnyValue,
  structFromKeyValues,
  toAnyValue,
  toKeyValues,
  type PlainObject,
  type PlainValue,
} from './attributes.js';
export {
  bracedLabels,
  escapeLabel,
  familyHeader,
  prometheusBound,
  prometheusFamily,
  prometheusLabels,
  prometheusNumber,
  renderExemplar,
  renderLabels,
  shownFamily,
  type PrometheusType,
} from './prometheus.js';
export { base64 } from './base64.js';
export { setOwn } from './object-fields.js';
export { safeText } from './json-text.js';
export { deadline, type Deadline } from './deadline.js';
export { SafeFields } from './safe-fields.js';
export { safeObject, safeValue, type SafeLimits, type SafeObject, type SafeValue } from './safe-value.js';
export type * from './console-api.js';
