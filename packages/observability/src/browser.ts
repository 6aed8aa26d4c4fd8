// What a browser gets, and every runtime that is not Node.
export { createLogger, setUser, startWeb, trace, within } from '@unhinged/observability-web';
export type { CreateLoggerOptions, Logger, StartWebOptions, WebSdk } from '@unhinged/observability-web';
export { ObservabilityError, type LogLevel } from '@unhinged/observability-core';
