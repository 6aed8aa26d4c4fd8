import { LOG_LEVELS, type LogLevel, type LogView } from '@unhinged/observability-core';
import { Ring } from './ring.js';

export interface LogFilter {
  service?: string | undefined;
  /** The least severe level wanted. */
  level?: LogLevel | undefined;
  /** Part of the message, the attributes, the error or the trace id, in any case. */
  q?: string | undefined;
  traceId?: string | undefined;
  limit: number;
}

/** An object costs about this many bytes beside its text. */
const OVERHEAD = 400;

/** The last log lines. */
export class LogStore {
  readonly #ring: Ring<LogView>;

  constructor(maxLines: number, maxBytes: number) {
    this.#ring = new Ring(maxLines, maxBytes);
  }

  get size(): { logs: number; bytes: number; evicted: number } {
    return { logs: this.#ring.size, bytes: this.#ring.bytes, evicted: this.#ring.evicted };
  }

  /** @param bytes Size of the encoded event. */
  add(log: LogView, bytes: number): void {
    this.#ring.push(log, 2 * bytes + OVERHEAD);
  }

  /** The newest lines that match, in the order of their time, newest last. */
  search(filter: LogFilter): LogView[] {
    const found: LogView[] = [];
    const matches = matcher(filter);
    for (const log of this.#ring.newestFirst()) {
      if (!matches(log)) continue;
      found.push(log);
      if (found.length === filter.limit) break;
    }
    return found.reverse().sort((a, b) => compareNanos(a.timeNano, b.timeNano));
  }
}

function matcher({ service, level, q, traceId }: LogFilter): (log: LogView) => boolean {
  const least = level === undefined ? -1 : rank(level);
  const wanted = q?.toLowerCase() ?? '';
  return (log) =>
    (service === undefined || log.service === service) &&
    (traceId === undefined || log.traceId === traceId) &&
    // A line without a level may be anything, so it is never hidden.
    (log.level === 'unspecified' || rank(log.level) >= least) &&
    (wanted === '' || contains(log, wanted));
}

const rank = (level: LogLevel): number => LOG_LEVELS.indexOf(level);

const contains = (log: LogView, wanted: string): boolean =>
  log.message.toLowerCase().includes(wanted) ||
  log.traceId.includes(wanted) ||
  (log.error !== undefined && JSON.stringify(log.error).toLowerCase().includes(wanted)) ||
  JSON.stringify(log.attributes).toLowerCase().includes(wanted);

/** Decimal strings of non-negative numbers: the longer is the larger. */
export const compareNanos = (a: string, b: string): number =>
  a.length - b.length || (a < b ? -1 : a > b ? 1 : 0);
