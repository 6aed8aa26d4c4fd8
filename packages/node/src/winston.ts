// `@unhinged/observability-node/winston`: the lines of a winston logger through ours.
import { Writable } from 'node:stream';
import { context, type Context } from '@opentelemetry/api';
import { levelOfText, type Logger, type LogLevel } from '@unhinged/observability-core';
import type { CreateLoggerOptions } from './config/options.js';
import { makeLogger } from './log/create-logger.js';
import { takeIds } from './log/foreign-fields.js';

export interface WinstonBridgeOptions extends CreateLoggerOptions {
  /** Least severe level, by the names of the winston logger. Default: that of the logger. */
  level?: string;
  /** Also take what winston catches as uncaught exceptions and rejections. Default false, as with every transport. */
  handleExceptions?: boolean;
  handleRejections?: boolean;
}

/** What winston writes to a transport: the fields of a line, and more under symbols. */
type Info = Record<string | symbol, unknown>;

interface WinstonLogger {
  level: string;
  levels: Record<string, number>;
  transports: readonly object[];
}

const LEVEL = Symbol.for('level');
const SPLAT = Symbol.for('splat');
/** Where the instrumentation of winston keeps the context of the call: the streams of winston may run later, in another. */
const CONTEXT = Symbol.for('opentelemetry.js.contrib.winston.context');

/** winston's levels (npm, cli, syslog) that have other names here. */
const LEVELS: Readonly<Record<string, LogLevel>> = {
  silly: 'trace',
  input: 'trace',
  verbose: 'debug',
  prompt: 'debug',
  http: 'info',
  data: 'info',
  help: 'info',
  notice: 'info',
  crit: 'fatal',
  alert: 'fatal',
  emerg: 'fatal',
};

/**
 * A transport for winston: `createLogger({ transports: [winstonBridge()] })`. Flags decide where its lines go; D and L leave over OTLP with
 * the ids of the active span, once, also when OpenTelemetry's instrumentation of winston is active. With a Console transport beside it give
 * it the flags `-C`. Formats, children, splat and errors work as ever, as they come before. Never throws.
 */
export function winstonBridge(options: WinstonBridgeOptions = {}): Writable {
  return new WinstonBridge(options);
}

class WinstonBridge extends Writable {
  readonly level: string | undefined;
  readonly handleExceptions: boolean;
  readonly handleRejections: boolean;
  private readonly logger: Logger;
  private parent: WinstonLogger | undefined;
  private readonly known = new WeakSet();

  constructor(options: WinstonBridgeOptions) {
    super({ objectMode: true });
    const { level, handleExceptions = false, handleRejections = false, ...rest } = options;
    this.level = level;
    this.handleExceptions = handleExceptions;
    this.handleRejections = handleRejections;
    this.logger = makeLogger('winstonBridge', rest);
    this.on('pipe', (source) => {
      this.parent = source as unknown as WinstonLogger;
      this.quietCopies();
    });
  }

  override _write(info: Info, _encoding: string, done: () => void): void {
    this.quietCopies();
    if (this.takes(info)) this.log(info, done);
    else done();
  }

  /** winston tells transports by this method. */
  log(info: Info, done: () => void): void {
    try {
      this.give(info);
    } catch {
      // A getter of the info, say: no reason to break the logger's streams.
    }
    done();
  }

  private takes(info: Info): boolean {
    if (info['exception'] === true && !this.handleExceptions) return false;
    if (info['rejection'] === true && !this.handleRejections) return false;
    const { levels = {}, level: least } = this.parent ?? {};
    const limit = levels[this.level ?? least ?? ''];
    const own = levels[String(info[LEVEL])];
    return limit === undefined || own === undefined || limit >= own;
  }

  private give(info: Info): void {
    const { level: shownLevel, message, stack, timestamp, ...metadata } = info as Record<string, unknown>;
    const level = String(info[LEVEL] ?? shownLevel);
    const ids = takeIds(metadata);
    const error = errorOf(info, message, stack);
    // Of the error: it has it too.
    if (error !== undefined) Reflect.deleteProperty(metadata, 'cause');
    const epochMs = typeof timestamp === 'string' ? Date.parse(timestamp) : Number(timestamp);
    if (timestamp !== undefined && Number.isNaN(epochMs)) metadata['timestamp'] = timestamp;
    const entry = {
      level: LEVELS[level] ?? levelOfText(level) ?? 'info',
      message: message ?? '',
      metadata,
      error,
      epochMs: Number.isNaN(epochMs) ? undefined : epochMs,
      ids,
    };
    const active = info[CONTEXT] as Context | undefined;
    const write = () => {
      this.logger.write(entry);
    };
    if (active === undefined) write();
    else context.with(active, write);
  }

  /** The instrumentation of winston puts a transport of its own beside ours: it is for the lines that we do not take. */
  private quietCopies(): void {
    for (const sibling of this.parent?.transports ?? []) {
      if (this.known.has(sibling)) continue;
      this.known.add(sibling);
      if (sibling.constructor.name !== 'OpenTelemetryTransportV3') continue;
      const transport = sibling as { log: (info: Info, done: () => void) => unknown };
      const { log } = transport;
      transport.log = (info, done) => {
        if (this.takes(info)) done();
        else log.call(transport, info, done);
      };
    }
  }
}

/** winston merges an error into the line: it is the line, one of the things after the message, or what `format.errors` left of it. */
function errorOf(info: Info, message: unknown, stack: unknown): unknown {
  if (info instanceof Error) return bare(info);
  const splat = info[SPLAT];
  const given = Array.isArray(splat) ? (splat as unknown[]).find((each) => each instanceof Error) : undefined;
  if (given !== undefined) return bare(given);
  if (typeof stack !== 'string') return undefined;
  const name = /^\w+/.exec(stack)?.[0] ?? 'Error';
  return { name, message: String(message), stack, cause: info['cause'] };
}

/** Without its own fields, which winston has copied to the line. */
function bare({ name, message, stack, cause }: Error): object {
  return { name, message, stack, cause };
}
