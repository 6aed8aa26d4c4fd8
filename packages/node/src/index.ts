export { startNode, type NodeSdk, type NodeStats } from './start-node.js';
export { createLogger } from './log/create-logger.js';
export { activeRequestIds, identify, type RequestIds } from './request/request-ids.js';
export type { Logger } from '@unhinged/observability-core';
export type {
  CreateLoggerOptions,
  LogEventEmitter,
  NodeOptions,
  Protocol,
  ServiceType,
  Tier,
} from './config/options.js';
export type { DropReason, SignalStats } from './stats.js';
