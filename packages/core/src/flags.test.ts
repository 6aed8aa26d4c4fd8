import fc from 'fast-check';
import { ObservabilityError } from './errors.js';
import {
  CDC_STREAM,
  CONSOLE,
  DATA_LAKE,
  defaultFlags,
  formatFlags,
  formatLevelFlags,
  levelFlags,
  parseFlags,
  parseLevelFlags,
} from './flags.js';
import { LOG_LEVELS } from './severity.js';

const flags = fc.integer({ min: 0, max: 7 });
const letters = fc
  .uniqueArray(fc.constantFrom('C', 'D', 'L', 'c', 'd', 'l'), { minLength: 1 })
  .map((l) => l.join(''));
const failure = (run: () => unknown): ObservabilityError => {
  try {
    run();
  } catch (error) {
    return error as ObservabilityError;
  }
  throw new Error('expected an error');
};

describe('parseFlags', () => {
  test.each([
    ['CDL', 7],
    ['lcd', 7],
    ['C', CONSOLE],
    ['D', CDC_STREAM],
    ['L', DATA_LAKE],
    ['CD-', 6],
    ['-DL', 3],
    ['--L', 1],
    ['---', 0],
    ['-', 0],
    ['0', 0],
    ['7', 7],
    [' cd ', 6],
    ['+D', 2],
    ['-L', 0],
    ['=CD', 6],
    ['CD=', 6],
    ['=', 0],
  ])('reads %j as %i', (text, expected) => {
    expect(parseFlags(text)).toBe(expected);
  });

  test.each([
    ['+D', CONSOLE, 6],
    ['-L', 7, 6],
    ['-DL', 7, 4],
    ['-LD', 7, 4],
    ['+D-C', CONSOLE, 2],
    ['+D,-C', CONSOLE, 2],
    ['C=', 3, CONSOLE],
    ['=', 7, 0],
    ['CD', 1, 6],
    ['---', 7, 0],
    ['--L', 6, 1],
  ])('reads %j on top of %i as %i', (text, base, expected) => {
    expect(parseFlags(text, base)).toBe(expected);
  });

  test('reads back what formatFlags writes', () => {
    fc.assert(fc.property(flags, (f) => parseFlags(formatFlags(f)) === f));
    fc.assert(fc.property(flags, (f) => parseFlags(String(f)) === f));
  });

  test('adds, takes away and sets exactly, as chmod does', () => {
    fc.assert(
      fc.property(flags, letters, (base, names) => {
        const bits = parseFlags(names);
        expect(parseFlags(`+${names}`, base)).toBe(base | bits);
        expect(parseFlags(`-${names}`, base)).toBe(base & ~bits);
        expect(parseFlags(`=${names}`, base)).toBe(bits);
        expect(parseFlags(`+${names}-${names}`, base)).toBe(base & ~bits);
      }),
    );
  });

  test.each([
    ['CDX', 'unexpected "X" at position 3'],
    ['+', '"+" at position 1 names no flag'],
    ['+DQ', 'unexpected "Q" at position 3'],
    ['8', 'unexpected "8" at position 1'],
    ['75', 'unexpected "7" at position 1'],
    ['  CZ', 'unexpected "Z" at position 4'],
    ['C+D', 'unexpected "+" at position 2'],
    ['+-D', 'unexpected "-" at position 2'],
    ['+D,', '"," at position 3 names no flag'],
    ['', 'flags are missing at position 1'],
    ['C💥', 'unexpected "💥" at position 2'],
  ])('refuses %j: %s', (text, message) => {
    const error = failure(() => parseFlags(text));
    expect(error).toBeInstanceOf(ObservabilityError);
    expect(error.code).toBe('bad_flags');
    expect(error.message).toContain(message);
  });

  test('gives flags or an ObservabilityError for any text, never anything else', () => {
    fc.assert(
      fc.property(fc.string(), fc.option(flags, { nil: undefined }), (text, base) => {
        try {
          const parsed = parseFlags(text, base);
          return parsed >= 0 && parsed <= 7;
        } catch (error) {
          return error instanceof ObservabilityError;
        }
      }),
    );
  });
});

describe('parseLevelFlags', () => {
  test('sets the levels named and leaves the others', () => {
    const parsed = parseLevelFlags('debug=C,info=CD,error=CDL', levelFlags(DATA_LAKE));
    expect(parsed).toEqual({ trace: 1, debug: 4, info: 6, warn: 1, error: 7, fatal: 1 });
  });

  test('sets all levels without a name, and changes them in order', () => {
    expect(parseLevelFlags('CD')).toEqual(levelFlags(6));
    expect(parseLevelFlags('CD=')).toEqual(levelFlags(6));
    expect(parseLevelFlags('CD,error=+L')).toEqual({ ...levelFlags(6), error: 7 });
    expect(parseLevelFlags('+D, error=-DL', levelFlags(5))).toEqual({ ...levelFlags(7), error: 4 });
  });

  test('reads back what formatLevelFlags writes', () => {
    const any = fc.record({
      trace: flags,
      debug: flags,
      info: flags,
      warn: flags,
      error: flags,
      fatal: flags,
    });
    fc.assert(
      fc.property(any, (wanted) => {
        expect(parseLevelFlags(formatLevelFlags(wanted))).toEqual(wanted);
      }),
    );
  });

  test('names the bad character, or level, by its place in the whole text', () => {
    expect(failure(() => parseLevelFlags('debug=C,info=CX')).message).toContain(
      'unexpected "X" at position 15',
    );
    expect(failure(() => parseLevelFlags('debug=C,inof=C')).message).toContain('"inof" (position 9)');
    expect(failure(() => parseLevelFlags('debug=')).message).toContain('missing at position 7');
    expect(failure(() => parseLevelFlags('C,,D')).message).toContain('missing at position 3');
  });
});

test('defaults follow the environment', () => {
  const table = { development: 'C--', test: 'C--', staging: 'CD-', production: 'CDL', analytics: '--L' };
  for (const [environment, expected] of Object.entries(table)) {
    expect(formatFlags(defaultFlags(environment))).toBe(expected);
  }
  for (const environment of [undefined, '', 'constructor', 'qa'])
    expect(defaultFlags(environment)).toBe(CONSOLE);
  expect(LOG_LEVELS).toHaveLength(6);
});
