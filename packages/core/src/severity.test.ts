import { LogLevel } from '@unhinged/observability-proto';
import {
  LOG_LEVELS,
  levelOfProto,
  levelOfSeverity,
  levelOfText,
  protoLevel,
  severityNumber,
} from './severity.js';

test('levels and OpenTelemetry severity numbers agree, four numbers a level', () => {
  const names = Array.from({ length: 24 }, (_, index) => levelOfSeverity(index + 1));
  expect(names).toEqual(LOG_LEVELS.flatMap((level) => [level, level, level, level]));
  for (const level of LOG_LEVELS) expect(levelOfSeverity(severityNumber(level))).toBe(level);
  for (const unknown of [0, -3, 25, Number.NaN]) expect(levelOfSeverity(unknown)).toBe('info');
});

test('levels and the enum of the wire format agree', () => {
  expect(LOG_LEVELS.map(protoLevel)).toEqual([
    LogLevel.TRACE,
    LogLevel.DEBUG,
    LogLevel.INFO,
    LogLevel.WARN,
    LogLevel.ERROR,
    LogLevel.FATAL,
  ]);
  for (const level of LOG_LEVELS) expect(levelOfProto(protoLevel(level))).toBe(level);
  expect(levelOfProto(LogLevel.UNSPECIFIED)).toBeUndefined();
});

test('names of levels are read as other loggers write them', () => {
  expect(['WARNING', 'err', ' Info ', 'critical', 'loud'].map(levelOfText)).toEqual([
    'warn',
    'error',
    'info',
    'fatal',
    undefined,
  ]);
});
