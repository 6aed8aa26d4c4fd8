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
  base64,
  safeObject,
  safeValue,
  setOwn,
  type SafeLimits,
  type SafeObject,
  type SafeValue,
} from './safe-value.js';
export type * from './console-api.js';
