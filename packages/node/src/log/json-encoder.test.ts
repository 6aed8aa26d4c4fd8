import { formatJsonLine, Logger, type LogEntry, type LogLine } from '@unhinged/observability-core';
import fc from 'fast-check';
import { printedLines } from '../testing/printed-lines.js';
import { writeJsonLine } from './json-encoder.js';

const printed = printedLines();

const options = {
  service: 'a "service"',
  flags: 'C',
  now: () => 1_763_860_000_123,
  record: () => undefined,
};

// What comes twice is written from memory the third time.
const texts = fc.oneof(
  fc.constantFrom(
    'order confirmed and handed to shipping',
    '/api/"orders"/:id\n',
    'Bücher für ü\ud800 and more',
  ),
  fc.string({ unit: 'binary', maxLength: 300 }),
  fc.string({ maxLength: 20 }),
);
const keys = fc.oneof(
  fc.constantFrom('userId', 'requestId', 'password', '__proto__', 'path'),
  fc.string({ unit: 'grapheme' }),
);
const values = fc.oneof(
  { weight: 3, arbitrary: texts },
  fc.integer(),
  fc.double(),
  fc.boolean(),
  fc.constant(null),
  fc.jsonValue(),
);
const ids = fc.record(
  {
    traceId: fc.constant('a'.repeat(32)),
    spanId: fc.constantFrom('b'.repeat(16), 'c'.repeat(16)),
    userId: fc.string({ unit: 'grapheme' }),
  },
  { requiredKeys: [] },
);

test('what is written is the line', () => {
  const lines: string[] = [];
  const line = fc.record({
    level: fc.constantFrom<LogEntry['level']>('info', 'debug', 'error'),
    message: texts,
    metadata: fc.dictionary(keys, values, { maxKeys: 6 }),
    ids,
    error: fc.option(fc.constant(new TypeError('bad')), { nil: undefined }),
  });
  fc.assert(
    fc.property(
      fc.array(line, { maxLength: 8 }),
      fc.dictionary(keys, values, { maxKeys: 2 }),
      (entries, child) => {
        const encoded = new Logger({ ...options, console: writeJsonLine });
        const whole = new Logger({
          ...options,
          console: (each: LogLine) => lines.push(formatJsonLine(each)),
        });
        for (const log of [encoded, whole]) {
          for (const entry of entries) {
            log.child({ ...child, component: 'c' }).write(entry);
            log.write(entry);
          }
        }
      },
    ),
  );
  expect(printed().map((text) => JSON.parse(text) as unknown)).toEqual(
    lines.map((text) => JSON.parse(text) as unknown),
  );
});

test('the order of keys, and nothing that is empty', () => {
  new Logger({ ...options, service: 's', console: writeJsonLine }).info('hello');
  new Logger({
    ...options,
    service: 's',
    console: writeJsonLine,
    context: () => ({ traceId: 't', spanId: 'p', requestId: 'r' }),
  })
    .child({ component: 'c' })
    .info('hello', { a: 1.5, b: { c: [true, null] } });
  expect(printed()).toEqual([
    '{"time":"2025-11-23T01:06:40.123Z","level":"info","service":"s","message":"hello"}',
    '{"time":"2025-11-23T01:06:40.123Z","level":"info","service":"s","component":"c","message":"hello","traceId":"t","spanId":"p","requestId":"r","metadata":{"a":1.5,"b":{"c":[true,null]}}}',
  ]);
});

test('a getter that logs gives two lines', () => {
  const log = new Logger({ ...options, console: writeJsonLine });
  log.info('outer', {
    a: 'A',
    get b() {
      log.info('inner', { c: 'C' });
      return 'B';
    },
  });
  expect(printed().map((text) => JSON.parse(text) as unknown)).toMatchObject([
    { message: 'inner', metadata: { c: 'C' } },
    { message: 'outer', metadata: { a: 'A', b: 'B' } },
  ]);
});
