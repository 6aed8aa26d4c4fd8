// What Node gets. The browser gets `browser.ts`, by the conditions of the package's exports.
export { createLogger, startNode } from '@unhinged/observability-node';
export type {
  CreateLoggerOptions,
  Logger,
  NodeOptions,
  NodeSdk,
  NodeStats,
} from '@unhinged/observability-node';
export { ObservabilityError, type LogLevel } from '@unhinged/observability-core';
