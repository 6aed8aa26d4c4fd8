export { startWeb, type WebSdk } from './start-web.js';
export { createLogger, type CreateLoggerOptions } from './logger.js';
export { trace, within } from './trace.js';
export type { StartWebOptions } from './options.js';
export type { SignalStats } from './counted.js';
export { ObservabilityError, type LogLevel, type Logger } from '@unhinged/observability-core';
