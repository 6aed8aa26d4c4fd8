export {
  EventEmitter,
  type EventEmitterOptions,
  type EventEmitterStats,
  type EventInput,
} from './event-emitter.js';
export { CDCObservabilityIntegration, type CDCIntegrationOptions, type LogEntry } from './cdc-integration.js';
export type { EventMap, EventName } from './event-map.js';
export { TOPICS } from './topics.js';
export { toRecord } from './record.js';
export { eventHeaders } from './event-headers.js';
export { memoryTransport, type MemoryTransport } from './memory-transport.js';
export type { EventRecord, EventTransport, SendResult } from './transport.js';
