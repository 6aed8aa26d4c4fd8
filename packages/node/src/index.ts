export { startNode, type NodeSdk, type NodeStats } from './start-node.js';
export { createLogger } from './log/create-logger.js';
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
