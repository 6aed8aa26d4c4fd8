import { logView } from '../../testing/views.js';
import { logMatches, logsPath, type LogFilter } from './log-filter.js';

const all: LogFilter = { service: '', level: 'trace', text: '' };

it('shows the level and what is above it', () => {
  const levels = (['debug', 'warn', 'fatal', 'unspecified'] as const).map((level) => logView({ level }));
  const shown = (level: LogFilter['level']): string[] =>
    levels.filter((log) => logMatches(log, { ...all, level })).map((log) => log.level);
  expect(shown('trace')).toEqual(['debug', 'warn', 'fatal', 'unspecified']);
  expect(shown('warn')).toEqual(['warn', 'fatal']);
  expect(shown('fatal')).toEqual(['fatal']);
});

it('looks for the text wherever a reader sees it', () => {
  const log = logView({
    message: 'Query failed',
    traceId: 'abc123',
    attributes: { retries: 3, room: { name: 'general' } },
    error: { type: 'DatabaseError', message: 'relation is locked', stack: '' },
  });
  for (const text of ['query', 'ABC1', 'retries=3', 'general', 'databaseerror', 'locked', ' failed ']) {
    expect(logMatches(log, { ...all, text })).toBe(true);
  }
  expect(logMatches(log, { ...all, text: 'absent' })).toBe(false);
  expect(logMatches(log, { ...all, service: 'other' })).toBe(false);
});

it('asks the server for the same', () => {
  expect(logsPath(all)).toBe('api/logs?limit=1000');
  expect(logsPath({ service: 'web', level: 'error', text: ' x ' })).toBe(
    'api/logs?service=web&level=error&q=x&limit=1000',
  );
});
