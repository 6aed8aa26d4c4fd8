import { errorInfo, isError } from '../error-info.js';
import {
  CDC_STREAM,
  CONSOLE,
  DATA_LAKE,
  defaultFlags,
  formatLevelFlags,
  levelFlags,
  parseLevelFlags,
  type LevelFlags,
} from '../flags.js';
import { defaultRedaction, type KeyRedaction } from '../key-redaction.js';
import { lakeDecision } from '../lake-routing.js';
import type { SafeFields } from '../safe-fields.js';
import type { LogLevel } from '../severity.js';
import { messageText, splitArguments } from './arguments.js';
import { errorOnTop, NO_FIELDS, readFields } from './fields.js';
import { LogLine, type ConsoleSink, type RecordSink, type TraceIds } from './line.js';

/** Everything a runtime gives the logger. */
export interface LoggerOptions {
  /** Name of the service. */
  service: string;
  /** Explicit flags, see `parseLevelFlags`; a change such as `+D` is relative to `logFlags` or the default. */
  flags?: string | undefined;
  /** Value of LOG_FLAGS; a change is relative to the default of the environment. */
  logFlags?: string | undefined;
  /** Decides the default flags: development C, test C, staging CD, production CDL, analytics L. Default development. */
  environment?: string | undefined;
  console: ConsoleSink;
  record: RecordSink;
  /** Ids of what runs now, asked once for each line. */
  context?: (() => TraceIds | undefined) | undefined;
  /** Called for every `error` and `fatal`, so that a runtime can mark the active span. Given the thrown value, if any. */
  onError?: ((message: string, error: unknown) => void) | undefined;
  /** Called for each line that was meant for the lake alone and that lake routing left out. */
  onSampledOut?: (() => void) | undefined;
  /** See {@link Logger.flush}. */
  flush?: (() => Promise<void>) | undefined;
  /** Finds the secrets that no destination gets, see `resolveRedaction`. Default: the obvious ones, `DEFAULT_REDACTED`. */
  redaction?: KeyRedaction | undefined;
  /** Share of ordinary lines with the L flag that go to the lake. Default 0.1. */
  lakeRate?: number | undefined;
  /** Unix milliseconds. Default `Date.now`. */
  now?: (() => number) | undefined;
  /** For lake routing of lines without a trace id. Default `Math.random`. */
  random?: (() => number) | undefined;
}

const RECORD = CDC_STREAM | DATA_LAKE;

/** A line that comes from somewhere else, such as another logging library. */
export interface LogEntry {
  level: LogLevel;
  message: unknown;
  metadata?: object | undefined;
  /** Undefined: none. */
  error?: unknown;
  /** Unix milliseconds. Default: now. */
  epochMs?: number | undefined;
  /** Ids that the entry brings along; the runtime's own are asked for the others. */
  ids?: TraceIds | undefined;
}

/** Metadata of a child; `component` names the part of the service. */
export type ChildMetadata = Record<string, unknown> & { component?: string };

/**
 * Flags after the three steps: default of the environment, then LOG_FLAGS, then the explicit option. An empty text counts
 * as none.
 *
 * @throws ObservabilityError `bad_flags`.
 */
export function resolveFlags(of: Pick<LoggerOptions, 'flags' | 'logFlags' | 'environment'>): LevelFlags {
  return [of.logFlags, of.flags].reduce<LevelFlags>(
    (base, text) => (text === undefined || text.trim() === '' ? base : parseLevelFlags(text, base)),
    levelFlags(defaultFlags(of.environment)),
  );
}

/**
 * The logger, the same in every runtime. A call never throws and costs almost nothing when its level has no destination;
 * otherwise one walk over what it was given bounds and redacts it for all sinks.
 */
export class Logger {
  readonly #options: LoggerOptions;
  readonly #redaction: KeyRedaction;
  readonly #component: string;
  readonly #fields: SafeFields;
  readonly #counts: { failed: number };
  /** Shared with children until they have a chmod of their own, so that a change at run time reaches them all. */
  #flags: { levels: LevelFlags };
  #ownsFlags: boolean;

  /** @throws ObservabilityError `bad_flags`. */
  constructor(options: LoggerOptions);
  /** @internal */
  constructor(options: LoggerOptions, parent: Logger, component: string, fields: SafeFields);
  constructor(options: LoggerOptions, parent?: Logger, component = '', fields: SafeFields = NO_FIELDS) {
    this.#options = options;
    this.#redaction = parent ? parent.#redaction : (options.redaction ?? defaultRedaction());
    this.#component = component;
    this.#fields = fields;
    this.#counts = parent ? parent.#counts : { failed: 0 };
    this.#flags = parent ? parent.#flags : { levels: resolveFlags(options) };
    this.#ownsFlags = parent === undefined;
  }

  trace(message: string, metadata?: object): void {
    this.#log('trace', message, metadata);
  }

  debug(message: string, metadata?: object): void {
    this.#log('debug', message, metadata);
  }

  info(message: string, metadata?: object): void {
    this.#log('info', message, metadata);
  }

  /** The second argument is the error when it is one, or when a third is given. */
  warn(message: string, error?: unknown, metadata?: object): void {
    this.#log('warn', message, error, metadata);
  }

  /** Also marks the active span. The second argument is the error when it is one, or when a third is given. */
  error(message: string, error?: unknown, metadata?: object): void {
    this.#log('error', message, error, metadata);
  }

  /** Also marks the active span. The second argument is the error when it is one, or when a third is given. */
  fatal(message: string, error?: unknown, metadata?: object): void {
    this.#log('fatal', message, error, metadata);
  }

  /** True when a line of the level would go anywhere: ask before building costly metadata. */
  isEnabled(level: LogLevel): boolean {
    return this.#flags.levels[level] !== 0;
  }

  /** Canonical form: `CD-`, or `trace=---,debug=C--,…` when levels differ. */
  get flags(): string {
    return formatLevelFlags(this.#flags.levels);
  }

  /** Calls that a sink, or a hook of the runtime, answered by throwing; children included. */
  get failed(): number {
    return this.#counts.failed;
  }

  /**
   * Changes the flags of this logger, and of the children that had no chmod of their own, from now on.
   *
   * @throws ObservabilityError `bad_flags`; the flags then stay as they were.
   */
  chmod(flags: string): this {
    const levels = parseLevelFlags(flags, this.#flags.levels);
    if (this.#ownsFlags) {
      this.#flags.levels = levels;
    } else {
      this.#flags = { levels };
      this.#ownsFlags = true;
    }
    return this;
  }

  /** A logger whose lines carry this metadata as well. */
  child(metadata: ChildMetadata): Logger {
    const { component, ...rest } = metadata;
    const fields = readFields(this.#fields, rest, this.#redaction);
    return new Logger(this.#options, this, component ?? this.#component, fields);
  }

  /** For bridges from other logging libraries: a line in one piece, with a time and ids of its own. Never throws. */
  write(entry: LogEntry): void {
    this.#write(entry.level, entry.message, entry.error, entry.metadata, entry);
  }

  /** Resolves when the lines so far have been written, and have left or been given up. Never rejects. */
  async flush(): Promise<void> {
    try {
      await this.#options.flush?.();
    } catch {
      this.#counts.failed++;
    }
  }

  #log(level: LogLevel, message: unknown, first: unknown, second?: unknown): void {
    if (this.#flags.levels[level] === 0 && level !== 'error' && level !== 'fatal') return;
    if (typeof message === 'string' && second === undefined && first === undefined) {
      this.#write(level, message, undefined, undefined);
      return;
    }
    const { error, metadata } = splitArguments(message, first, second);
    this.#write(level, message, error, metadata);
  }

  #write(
    level: LogLevel,
    message: unknown,
    error: unknown,
    metadata: object | undefined,
    given?: LogEntry,
  ): void {
    try {
      const flags = this.#flags.levels[level];
      const isBad = level === 'error' || level === 'fatal';
      if (flags === 0 && !isBad) return;
      const text = messageText(message, this.#redaction);
      if (isBad) this.#mark(text, error);
      if (flags !== 0) this.#send(level, flags, text, error, metadata, given);
    } catch {
      this.#counts.failed++;
    }
  }

  #send(
    level: LogLevel,
    flags: number,
    message: string,
    error: unknown,
    metadata: object | undefined,
    given: LogEntry | undefined,
  ): void {
    const { service, now = Date.now, console, record, onSampledOut } = this.#options;
    const under =
      error !== undefined && isError(error) ? errorOnTop(this.#fields, error, this.#redaction) : this.#fields;
    const fields = readFields(under, metadata, this.#redaction);
    const epochMs = given?.epochMs ?? now();
    const line = new LogLine(epochMs, level, service, this.#component, message, flags, fields);
    if (error !== undefined) line.error = errorInfo(error);
    line.ids = this.#ids(fields.roles, given?.ids);
    if (flags & DATA_LAKE) {
      this.#route(line, fields.roles?.category);
      if ((line.destinations & RECORD) === 0) onSampledOut?.();
    }
    if (flags & CONSOLE) this.#give(line, console);
    if (line.destinations & RECORD) this.#give(line, record);
  }

  #give(line: LogLine, sink: ConsoleSink | RecordSink): void {
    try {
      sink(line);
    } catch {
      this.#counts.failed++;
    }
  }

  #route(line: LogLine, category: string | undefined): void {
    const { lakeRate, random } = this.#options;
    const decision = lakeDecision({
      level: line.level,
      service: line.service,
      category,
      traceId: line.ids.traceId,
      rate: lakeRate,
      random,
    });
    line.lakeRate = decision.rate;
    if (!decision.keep) line.destinations &= ~DATA_LAKE;
  }

  /** Ids of the runtime; of metadata those the runtime does not know, as in the owner's document. */
  #ids(roles: SafeFields['roles'], given: TraceIds | undefined): TraceIds {
    let ids: TraceIds | undefined;
    try {
      ids = this.#options.context?.();
    } catch {
      this.#counts.failed++;
    }
    if (given) ids = { ...ids, ...given };
    if (roles === undefined) return ids ?? {};
    return {
      traceId: ids?.traceId,
      spanId: ids?.spanId,
      correlationId: ids?.correlationId ?? roles.correlationId,
      requestId: ids?.requestId ?? roles.requestId,
      sessionId: ids?.sessionId ?? roles.sessionId,
      userId: ids?.userId ?? roles.userId,
    };
  }

  #mark(message: string, error: unknown): void {
    try {
      this.#options.onError?.(message, error);
    } catch {
      this.#counts.failed++;
    }
  }
}
