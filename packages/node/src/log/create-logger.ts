import { SpanStatusCode, trace } from '@opentelemetry/api';
import {
  errorInfo,
  type ConsoleSink,
  levelFlags,
  Logger,
  parseLevelFlags,
  resolveRedaction,
} from '@unhinged/observability-core';
import { processFacts, resolveResource } from '../config/resolve.js';
import { checkLoggerOptions } from '../config/check-options.js';
import type { CreateLoggerOptions } from '../config/options.js';
import type { Report } from '../config/read-env.js';
import { running } from '../running.js';
import { warnOnce } from '../warn.js';
import { activeIds } from './active-ids.js';
import { consoleSink } from './console-sink.js';
import { eventSink } from './event-sink.js';
import { otlpSink } from './otlp-sink.js';
import { stdout } from './stdout.js';

/**
 * A logger: C to stdout, D and L to the collector, each line with the ids of the active span. Works before and without
 * `startNode`: then C only, and what D and L would have got is counted in `stats().logs.dropped`. `error` and `fatal` mark the
 * active span as failed and record the exception on it. Never throws.
 */
export function createLogger(options?: CreateLoggerOptions): Logger {
  return makeLogger('createLogger', options);
}

/** For a bridge, which warns under its own name and may have a console of its own. */
export function makeLogger(
  caller: string,
  options: CreateLoggerOptions | undefined,
  ownConsole?: ConsoleSink,
): Logger {
  const report = (problem: string) => {
    warnOnce(`${caller}: ${problem}`);
  };
  const { service, flags, lakeRate, events, redact, ...rest } = checkLoggerOptions(options, report);
  const found = running.resource ?? resolveResource({}, processFacts());
  const environment = rest.environment ?? String(found['deployment.environment.name']);
  const base = {
    environment,
    lakeRate,
    console: ownConsole ?? consoleSink(environment),
    record: events ? eventSink(events, () => running.resource ?? found) : otlpSink,
    context: activeIds,
    onError: markActiveSpan,
    onSampledOut: countSampledOut,
    flush,
  };
  const { LOG_FLAGS, LOG_REDACT } = process.env;
  const readsFlags = (text: string) => parseLevelFlags(text, levelFlags(0));
  return new Logger({
    ...base,
    flags: usable('flags', flags, readsFlags, report),
    logFlags: usable('LOG_FLAGS', LOG_FLAGS, readsFlags, report),
    redaction: resolveRedaction(
      redact,
      usable('LOG_REDACT', LOG_REDACT, (text) => resolveRedaction(undefined, text), report),
    ),
    // Read at each line: a logger made while modules load, before startNode, gets the name that startNode is given.
    get service() {
      return service ?? String((running.resource ?? found)['service.name']);
    },
  });
}

/** What is wrong with one text must not silence the others. */
function usable(
  name: string,
  text: string | undefined,
  read: (text: string) => unknown,
  report: Report,
): string | undefined {
  if (text === undefined || text.trim() === '') return undefined;
  try {
    read(text);
    return text;
  } catch (error) {
    report(`${name} '${text}' is ignored: ${String(error)}`);
    return undefined;
  }
}

function countSampledOut(): void {
  running.counts.logs.created += 1;
  running.counts.logs.sampledOut += 1;
}

async function flush(): Promise<void> {
  await Promise.all([stdout.writer?.flush(), running.flush()]);
}

function markActiveSpan(message: string, error: unknown): void {
  const span = trace.getActiveSpan();
  if (span === undefined) return;
  span.setStatus({ code: SpanStatusCode.ERROR, message });
  if (error === undefined) return;
  const { type, message: text, stack } = errorInfo(error);
  span.recordException({ name: type, message: text, stack });
}
