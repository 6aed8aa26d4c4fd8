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
import { lakeDecision } from '../lake-routing.js';
import { safeObject, safeValue, type SafeObject } from '../safe-value.js';
import type { LogLevel } from '../severity.js';
import type { ConsoleSink, LogLine, RecordSink, TraceIds } from './line.js';

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
  /** Share of ordinary lines with the L flag that go to the lake. Default 0.1. */
  lakeRate?: number | undefined;
  /** Unix milliseconds. Default `Date.now`. */
  now?: (() => number) | undefined;
  /** For lake routing of lines without a trace id. Default `Math.random`. */
  random?: (() => number) | undefined;
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
 * otherwise what it was given is copied into plain data once, and the sinks share the copy.
 */
export class Logger {
  readonly #options: LoggerOptions;
  readonly #component: string;
  readonly #metadata: SafeObject;
  readonly #counts: { failed: number };
  /** Shared with children until they have a chmod of their own, so that a change at run time reaches them all. */
  #flags: { levels: LevelFlags };
  #ownsFlags: boolean;

  /** @throws ObservabilityError `bad_flags`. */
  constructor(options: LoggerOptions);
  /** @internal */
  constructor(options: LoggerOptions, parent: Logger, component: string, metadata: SafeObject);
  constructor(options: LoggerOptions, parent?: Logger, component = '', metadata: SafeObject = {}) {
    this.#options = options;
    this.#component = component;
    this.#metadata = metadata;
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
    const merged = { ...this.#metadata, ...safeObject(rest) };
    return new Logger(this.#options, this, component ?? this.#component, merged);
  }

  #log(level: LogLevel, message: unknown, first: unknown, second?: unknown): void {
    try {
      const isBad = level === 'error' || level === 'fatal';
      const flags = this.#flags.levels[level];
      if (flags === 0 && !isBad) return;
      const { error, metadata } = split(message, first, second);
      const text = isError(message)
        ? message.message
        : typeof message === 'string'
          ? message
          : shown(message);
      if (isBad) this.#attempt(() => this.#options.onError?.(text, error));
      if (flags === 0) return;
      this.#send(this.#line(level, text, error, metadata, flags));
    } catch {
      this.#counts.failed++;
    }
  }

  #line(
    level: LogLevel,
    message: string,
    error: unknown,
    metadata: object | undefined,
    flags: number,
  ): LogLine {
    const { service, lakeRate, random, now = Date.now } = this.#options;
    const all = metadata ? { ...this.#metadata, ...safeObject(metadata) } : this.#metadata;
    const ids = this.#ids(all);
    const line: LogLine = {
      epochMs: now(),
      level,
      service,
      component: this.#component,
      message,
      metadata: all,
      error: error === undefined ? undefined : errorInfo(error),
      ids,
      destinations: flags,
      lakeRate: 0,
    };
    if (flags & DATA_LAKE) {
      const category = typeof all['category'] === 'string' ? all['category'] : undefined;
      const decision = lakeDecision({
        level,
        service,
        category,
        traceId: ids.traceId,
        rate: lakeRate,
        ...(random && { random }),
      });
      line.lakeRate = decision.rate;
      if (!decision.keep) line.destinations = flags & ~DATA_LAKE;
    }
    return line;
  }

  /** Ids of the runtime; of metadata those the runtime does not know, as in the owner's document. */
  #ids(metadata: SafeObject): TraceIds {
    let ids: TraceIds = {};
    this.#attempt(() => {
      ids = this.#options.context?.() ?? {};
    });
    const from = (key: 'correlationId' | 'requestId' | 'sessionId' | 'userId') => {
      const value = metadata[key];
      return ids[key] ?? (typeof value === 'string' ? value : undefined);
    };
    return {
      traceId: ids.traceId,
      spanId: ids.spanId,
      correlationId: from('correlationId'),
      requestId: from('requestId'),
      sessionId: from('sessionId'),
      userId: from('userId'),
    };
  }

  #send(line: LogLine): void {
    if (line.destinations & CONSOLE)
      this.#attempt(() => {
        this.#options.console(line);
      });
    if (line.destinations & (CDC_STREAM | DATA_LAKE))
      this.#attempt(() => {
        this.#options.record(line);
      });
  }

  #attempt(run: () => void): void {
    try {
      run();
    } catch {
      this.#counts.failed++;
    }
  }
}

function split(
  message: unknown,
  first: unknown,
  second: unknown,
): { error: unknown; metadata: object | undefined } {
  if (isError(message)) return { error: message, metadata: asObject(first) };
  if (second !== undefined) return { error: first, metadata: asObject(second) };
  if (isError(first)) return { error: first, metadata: undefined };
  const metadata = asObject(first);
  // A thrown string or number stands where an error does.
  return metadata || first === undefined || first === null
    ? { error: undefined, metadata }
    : { error: first, metadata };
}

const asObject = (value: unknown): object | undefined =>
  typeof value === 'object' && value !== null ? value : undefined;

function shown(value: unknown): string {
  const safe = safeValue(value);
  if (typeof safe === 'string') return safe;
  return safe === undefined ? typeof value : JSON.stringify(safe);
}
