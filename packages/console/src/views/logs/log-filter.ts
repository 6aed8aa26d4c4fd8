import type { LogView } from '@unhinged/observability-core';
import { withQuery } from '../../api/client.js';
import { compareNano, formatValue } from '../../format/format.js';
import type { ListKind } from '../../live/held-list.js';

export const LEVELS = ['trace', 'debug', 'info', 'warn', 'error', 'fatal'] as const;
export type Level = (typeof LEVELS)[number];

export interface LogFilter {
  service: string;
  /** The least level shown. `trace` shows all, also lines without a level. */
  level: Level;
  text: string;
}

export const LOG_LIMIT = 5_000;

export function logsPath({ service, level, text }: LogFilter): string {
  return withQuery('api/logs', {
    service,
    level: level === 'trace' ? '' : level,
    q: text.trim(),
    limit: 1_000,
  });
}

/** Whether an arriving line belongs into the tail; the text is looked for where a reader sees it. */
export function logMatches(log: LogView, { service, level, text }: LogFilter): boolean {
  if (service !== '' && log.service !== service) return false;
  if (rank(log.level) < LEVELS.indexOf(level)) return false;
  const wanted = text.trim().toLowerCase();
  if (wanted === '') return true;
  const has = (part: string): boolean => part.toLowerCase().includes(wanted);
  return (
    has(log.message) ||
    has(log.service) ||
    has(log.traceId) ||
    (log.error !== undefined && (has(log.error.type) || has(log.error.message))) ||
    Object.entries(log.attributes).some(([name, value]) => has(`${name}=${formatValue(value)}`))
  );
}

function rank(level: LogView['level']): number {
  return level === 'unspecified' ? 0 : LEVELS.indexOf(level);
}

export const LOG_KIND: ListKind<LogView> = {
  keyOf: (log) => log.eventId,
  compare: (left, right) => compareNano(left.timeNano, right.timeNano),
  limit: LOG_LIMIT,
  oldest: 'first',
};
