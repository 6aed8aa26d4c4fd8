import type { ErrorInfo } from '@unhinged/observability-proto';
import type { Flags } from '../flags.js';
import type { FieldWriter } from '../safe-pass.js';
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
export interface LogLine {
  /** Unix milliseconds. */
  epochMs: number;
  level: LogLevel;
  service: string;
  /** Set by `child({ component })`; empty otherwise. */
  component: string;
  message: string;
  metadata: SafeObject;
  error?: ErrorInfo | undefined;
  ids: TraceIds;
  /** Where the line goes, lake routing included: L is set only when the line was kept for the lake. */
  destinations: Flags;
  /** Share of lines like this one that lake routing keeps; 0 when the line has no L flag. */
  lakeRate: number;
}

/** Gets the lines whose destinations have C. May throw: the logger counts it and goes on. */
export type ConsoleSink = (line: LogLine) => void;

/** Gets the lines whose destinations have D or L, to send on as an OTLP log record or an event. May throw, as above. */
export type RecordSink = (line: LogLine) => void;

/**
 * Gets the same lines in pieces while the logger walks over them: cheaper than a line, as nothing is built that it does not write. A
 * line is `begin`, a `field` for each of its metadata, `end`.
 */
export interface LineEncoder extends FieldWriter {
  /** False: not this one; the line comes whole, to {@link LineEncoder.write}. Must be false until the last line has ended. */
  begin(): boolean;
  /** Undefined: the line goes nowhere. Its metadata are empty: they were the fields. It has no error: lines with one come whole. */
  end(line: LogLine | undefined): void;
  write(line: LogLine): void;
}
