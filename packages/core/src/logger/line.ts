import type { ErrorInfo } from '@unhinged/observability-proto';
import type { Flags } from '../flags.js';
import type { SafeFields } from '../safe-fields.js';
import type { SafeObject } from '../safe-value.js';
import type { LogLevel } from '../severity.js';

/** Where in a trace, a request and a session a line belongs; what is unknown is left out. */
export interface TraceIds {
  /** 32 lowercase hex digits. */
  traceId?: string | undefined;
  /** 16 lowercase hex digits. */
  spanId?: string | undefined;
  correlationId?: string | undefined;
  requestId?: string | undefined;
  sessionId?: string | undefined;
  userId?: string | undefined;
}

/** One log line on its way to the sinks: everything in it is plain, bounded data that any sink can write as it is. */
export class LogLine {
  error: ErrorInfo | undefined;
  ids: TraceIds = NO_IDS;
  /** Share of lines like this one that lake routing keeps; 0 when the line has no L flag. */
  lakeRate = 0;
  private object: SafeObject | undefined;

  constructor(
    /** Unix milliseconds. */
    readonly epochMs: number,
    readonly level: LogLevel,
    readonly service: string,
    /** Set by `child({ component })`; empty otherwise. */
    readonly component: string,
    readonly message: string,
    /** Where the line goes, lake routing included: L is set only when the line was kept for the lake. */
    public destinations: Flags,
    /** The metadata for sinks that write field by field: no object is made for them. */
    readonly fields: SafeFields,
  ) {}

  get metadata(): SafeObject {
    return (this.object ??= this.fields.toObject());
  }

  /** The same line with other fields, and another error if there is one. */
  with(fields: SafeFields, error = this.error): LogLine {
    const { epochMs, level, service, component, message, destinations, ids, lakeRate } = this;
    const line = new LogLine(epochMs, level, service, component, message, destinations, fields);
    return Object.assign(line, { error, ids, lakeRate });
  }
}

const NO_IDS: TraceIds = {};

/** Gets the lines whose destinations have C. May throw: the logger counts it and goes on. */
export type ConsoleSink = (line: LogLine) => void;

/** Gets the lines whose destinations have D or L, to send on as an OTLP log record or an event. May throw, as above. */
export type RecordSink = (line: LogLine) => void;
