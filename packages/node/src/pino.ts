// `@unhinged/observability-node/pino`: the lines of a pino logger through ours.
import type { CreateLoggerOptions } from './config/options.js';
import { levelOfText, type LogLevel } from '@unhinged/observability-core';
import { expectBridges, isBridged } from './log/bridged.js';
import { makeLogger } from './log/create-logger.js';
import { takeIds, thrownError } from './log/foreign-fields.js';

/** A stream of pino: `process.stdout`, `pino.destination()`, `pino.multistream()`, `pino.transport()`. */
export interface PinoStream {
  write(line: string): unknown;
}

export interface PinoBridgeOptions extends CreateLoggerOptions {
  /** Where C lines go, as pino wrote them. Default: stdout, as the lines of `createLogger`. */
  destination?: PinoStream;
  /** Keys that the pino logger uses, when they are not pino's own. Default `msg` and `err`. */
  messageKey?: string;
  errorKey?: string;
}

/** What pino hands to `pino(options, stream)`. */
export interface PinoBridge extends PinoStream {
  /** Resolves when the lines so far have been written, and have left or been given up. Also what `logger.flush(callback)` calls. */
  flush(callback?: (error?: Error) => void): Promise<void>;
}

interface LastLogger {
  levels?: { labels?: Record<number, string> };
}

/** What pino leaves on a stream with this mark before each line. */
const METADATA = Symbol.for('pino.metadata');

/**
 * A destination for pino: `pino(options, pinoBridge())`. Flags decide where its lines go; D and L leave over OTLP with the ids of the
 * active span, once, also when OpenTelemetry's instrumentation of pino is active. Children, serializers, redaction, formatters and custom
 * levels work as ever, as they come before. Never throws.
 */
export function pinoBridge(options: PinoBridgeOptions = {}): PinoBridge {
  const { destination, messageKey = 'msg', errorKey = 'err', ...rest } = options;
  expectBridges();
  let current = '';
  const log = makeLogger(
    'pinoBridge',
    rest,
    destination &&
      (() => {
        passOn(bridge, destination);
        destination.write(current);
      }),
  );
  const bridge = {
    [METADATA]: true,
    lastLevel: undefined as unknown,
    lastLogger: undefined as LastLogger | undefined,
    write(line: string): void {
      current = line;
      const fields = parsed(line);
      if (fields === undefined) {
        log.write({ level: 'info', message: line.trimEnd() });
        return;
      }
      const { level, time, [messageKey]: message, [errorKey]: error, ...metadata } = fields;
      // The resource has these for all lines.
      for (const key of ['pid', 'hostname']) Reflect.deleteProperty(metadata, key);
      isBridged(message);
      const ids = takeIds(metadata);
      log.write({
        level: levelOf(bridge.lastLevel ?? level, bridge.lastLogger),
        message: message ?? '',
        metadata: error === undefined || isThrown(error) ? metadata : { ...metadata, [errorKey]: error },
        error: isThrown(error) ? thrownError(error) : undefined,
        epochMs: epochMs(time),
        ids,
      });
    },
    async flush(callback?: (error?: Error) => void): Promise<void> {
      await log.flush();
      callback?.();
    },
  };
  return bridge;
}

function parsed(line: string): Record<string, unknown> | undefined {
  try {
    const value: unknown = JSON.parse(line);
    return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : undefined;
  } catch {
    // A formatter that writes no JSON.
    return undefined;
  }
}

/** By name where it is one of ours, or else by number: custom levels count as the one below them. */
function levelOf(level: unknown, logger: LastLogger | undefined): LogLevel {
  const label = typeof level === 'string' ? level : logger?.levels?.labels?.[Number(level)];
  const named = label === undefined ? undefined : levelOfText(label);
  if (named !== undefined) return named;
  const number = Number(level);
  if (!(number >= 0)) return 'info';
  if (number >= 60) return 'fatal';
  if (number >= 50) return 'error';
  if (number >= 40) return 'warn';
  if (number >= 30) return 'info';
  return number >= 20 ? 'debug' : 'trace';
}

/** Milliseconds, seconds (`unixTime`) or ISO text (`isoTime`); undefined, and so now, for what is none of them. */
function epochMs(time: unknown): number | undefined {
  const number = typeof time === 'string' ? Date.parse(time) : Number(time);
  if (Number.isNaN(number) || time === null) return undefined;
  // As milliseconds this would be early in 1973.
  return number < 1e11 ? number * 1000 : number;
}

const isThrown = (error: unknown): error is Record<string, unknown> =>
  typeof error === 'object' && error !== null && typeof (error as Error).stack === 'string';

/** Streams such as pino.multistream choose by the level that pino leaves on them. */
function passOn(from: object, to: object): void {
  if ((to as { [METADATA]?: unknown })[METADATA] !== true) return;
  for (const [key, value] of Object.entries(from)) {
    if (key.startsWith('last')) (to as Record<string, unknown>)[key] = value;
  }
}
