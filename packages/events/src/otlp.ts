export { eventsOfOtlp, type EventBatch, type OtlpOptions } from './otlp/events-of-otlp.js';
export type { EventIdentity } from './otlp/item-context.js';
export { Rejections, type Outcome } from './otlp/rejections.js';
export { hex } from './otlp/wire/ids.js';
export { countItems, splitRequest, type ResourceGroup, type ScopeGroup } from './otlp/wire/items.js';
export { WireError } from './otlp/wire/reader.js';
export {
  requestTypes,
  SIGNALS,
  type Field,
  type MessageType,
  type Scalar,
  type Signal,
} from './otlp/wire/schema.js';
export { MAX_VALUE_DEPTH, validate } from './otlp/wire/validate.js';
export { WireWriter } from './otlp/wire/writer.js';
