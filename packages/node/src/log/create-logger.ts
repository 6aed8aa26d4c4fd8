import { SpanStatusCode, trace } from '@opentelemetry/api';
import { errorInfo, Logger, type LoggerOptions, type TraceIds } from '@unhinged/observability-core';
import { processFacts, resolveResource } from '../config/resolve.js';
import { checkLoggerOptions } from '../config/check-options.js';
import type { CreateLoggerOptions } from '../config/options.js';
import { activeRequestIds } from '../request/request-ids.js';
import { running } from '../running.js';
import { warnOnce } from '../warn.js';
import { consoleSink } from './console-sink.js';
import { eventSink } from './event-sink.js';
import { otlpSink } from './otlp-sink.js';

/**
 * A logger: C to stdout, D and L to the collector, each line with the ids of the active span. Works before and without
 * `startNode`: then C only, and what D and L would have got is counted in `stats().logs.dropped`. `error` and `fatal` mark the
 * active span as failed and record the exception on it. Never throws.
 */
export function createLogger(options?: CreateLoggerOptions): Logger {
  const { service, flags, lakeRate, events, ...rest } = checkLoggerOptions(options, (problem) => {
    warnOnce(`createLogger: ${problem}`);
  });
  const found = running.resource ?? resolveResource({}, processFacts());
  const environment = rest.environment ?? String(found['deployment.environment.name']);
  const base = {
    environment,
    lakeRate,
    console: consoleSink(environment),
    record: events ? eventSink(events, () => running.resource ?? found) : otlpSink,
    context: activeIds,
    onError: markActiveSpan,
  };
  const make = (texts: Pick<LoggerOptions, 'flags' | 'logFlags'>) =>
    new Logger({
      ...base,
      ...texts,
      // Read at each line: a logger made while modules load, before startNode, gets the name that startNode is given.
      get service() {
        return service ?? String((running.resource ?? found)['service.name']);
      },
    });
  const logFlags = process.env['LOG_FLAGS'];
  // What is wrong with one text must not silence the other.
  for (const texts of [{ logFlags, flags }, { flags }, { logFlags }] as Pick<
    LoggerOptions,
    'flags' | 'logFlags'
  >[]) {
    try {
      return make(texts);
    } catch (error) {
      warnOnce(
        `createLogger: with flags '${texts.flags ?? ''}' and LOG_FLAGS '${texts.logFlags ?? ''}': ${String(error)}`,
      );
    }
  }
  return make({});
}

function activeIds(): TraceIds | undefined {
  const span = trace.getActiveSpan()?.spanContext();
  const request = activeRequestIds();
  if (span === undefined) return request;
  return { traceId: span.traceId, spanId: span.spanId, ...request };
}

function markActiveSpan(message: string, error: unknown): void {
  const span = trace.getActiveSpan();
  if (span === undefined) return;
  span.setStatus({ code: SpanStatusCode.ERROR, message });
  if (error === undefined) return;
  const { type, message: text, stack } = errorInfo(error);
  span.recordException({ name: type, message: text, stack });
}
