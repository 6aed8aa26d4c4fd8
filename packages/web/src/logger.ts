import { SpanStatusCode, trace } from '@opentelemetry/api';
import {
  LOG_LEVELS,
  Logger,
  ObservabilityError,
  resolveFlags,
  type LogLine,
  type TraceIds,
} from '@unhinged/observability-core';
import { printLine } from './console-sink.js';
import { flagsOf } from './options.js';
import { reportProblem } from './report.js';
import { currentWeb, whenStarted } from './running.js';
import { currentUser } from './user.js';

export interface CreateLoggerOptions {
  /** Default: the service given to `startWeb`. */
  service?: string;
  /** Destination flags, for example `CDL` or `debug=C,error=CDL`; `+D` changes the default. Default: those of `startWeb`. */
  flags?: string;
}

/**
 * A logger of this page: C is the browser's console, D and L travel as OTLP log records. May be called before `startWeb`;
 * until that has run, lines with D or L are not sent and count in `failed`.
 */
export function createLogger(options: CreateLoggerOptions = {}): Logger {
  const explicit = flagsOf(options.flags, (problem) => {
    reportProblem(`createLogger: ${problem}`);
  });
  const logger = new Logger({
    // Asked for each line: the SDK may start after the logger was made.
    get service() {
      return options.service ?? currentWeb()?.settings.service ?? 'unknown_service';
    },
    get lakeRate() {
      return currentWeb()?.settings.lakeRate;
    },
    flags: explicit,
    console: printLine,
    record,
    context: activeIds,
    onError: markActiveSpan,
  });
  const before = logger.flags;
  whenStarted(({ settings }) => {
    // Whoever called chmod in the meantime knows what they want.
    if (logger.flags !== before) return;
    const flags = resolveFlags({
      flags: explicit,
      logFlags: settings.flags,
      environment: settings.environment,
    });
    // In octal, which is never taken for a change.
    logger.chmod(LOG_LEVELS.map((level) => `${level}=${flags[level]}`).join(','));
  });
  return logger;
}

function record(line: LogLine): void {
  const web = currentWeb();
  if (!web) throw new ObservabilityError('not_started', 'The line was not sent: call startWeb first.');
  web.record(line);
}

function activeIds(): TraceIds {
  const span = trace.getActiveSpan()?.spanContext();
  return {
    traceId: span?.traceId,
    spanId: span?.spanId,
    sessionId: currentWeb()?.sessionId,
    userId: currentUser(),
  };
}

function markActiveSpan(message: string, error: unknown): void {
  const span = trace.getActiveSpan();
  if (!span) return;
  if (error instanceof Error) span.recordException(error);
  span.setStatus({ code: SpanStatusCode.ERROR, message });
}
