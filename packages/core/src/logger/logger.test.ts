import fc from 'fast-check';
import { Redaction } from '../redaction.js';
import { formatJsonLine, formatPrettyLine } from './format.js';
import { safeText } from '../json-text.js';
import { defaultRedaction } from '../key-redaction.js';
import { SafePass } from '../safe-pass.js';
import type { LogLine } from './line.js';
import { Logger, type LoggerOptions } from './logger.js';
import { recordAttributes } from './record-attributes.js';

const traceId = '4bf92f3577b34da6a3ce929d0e0e4736';
const spanId = '00f067aa0ba902b7';

function setup(options: Partial<LoggerOptions> = {}) {
  const printed: LogLine[] = [];
  const recorded: LogLine[] = [];
  const marked: unknown[][] = [];
  const log = new Logger({
    service: 'chat',
    flags: 'CDL',
    console: (line) => printed.push(line),
    record: (line) => recorded.push(line),
    onError: (...args) => marked.push(args),
    random: () => 0,
    now: () => Date.UTC(2026, 10, 23, 1, 2, 3, 4),
    ...options,
  });
  return { log, printed, recorded, marked };
}

describe('flags', () => {
  test('C prints, D and L record, nothing does neither', () => {
    for (const [flags, prints, records] of [
      ['C', 1, 0],
      ['D', 0, 1],
      ['L', 0, 1],
      ['CDL', 1, 1],
      ['---', 0, 0],
    ] as const) {
      const { log, printed, recorded } = setup({ flags });
      log.info('x');
      expect([flags, printed.length, recorded.length]).toEqual([flags, prints, records]);
    }
  });

  test('an explicit option wins over LOG_FLAGS, which wins over the environment', () => {
    expect(setup({ flags: undefined, environment: 'production' }).log.flags).toBe('CDL');
    expect(setup({ flags: undefined, environment: 'production', logFlags: '-L' }).log.flags).toBe('CD-');
    expect(setup({ flags: 'L', environment: 'production', logFlags: 'C' }).log.flags).toBe('--L');
    expect(setup({ flags: undefined, environment: 'production', logFlags: ' ' }).log.flags).toBe('CDL');
  });

  test('levels can differ', () => {
    const { log, printed } = setup({ flags: 'debug=---,info=C' });
    log.debug('no');
    log.info('yes');
    expect(printed.map((line) => line.message)).toEqual(['yes']);
    expect([log.isEnabled('debug'), log.isEnabled('info')]).toEqual([false, true]);
  });

  test('chmod reaches the children, until they have one of their own', () => {
    const { log } = setup({ flags: 'C' });
    const child = log.child({ component: 'search' });
    expect(log.chmod('+D')).toBe(log);
    expect(child.flags).toBe('CD-');
    child.chmod('=L');
    log.chmod('---');
    expect([log.flags, child.flags]).toEqual(['---', '--L']);
  });

  test('a bad chmod says so and changes nothing', () => {
    const { log } = setup({ flags: 'C' });
    expect(() => log.chmod('+X')).toThrow('unexpected "X" at position 2');
    expect(log.flags).toBe('C--');
    expect(() => setup({ flags: 'nope' })).toThrow('unexpected "n" at position 1');
  });
});

describe('lake routing', () => {
  test('a line the sample leaves out loses L, and travels with the rate all the same', () => {
    const { log, recorded, printed } = setup({ random: () => 0.99 });
    log.info('ordinary');
    log.info('audited', { category: 'audit' });
    log.error('broken');
    expect(recorded.map((line) => [line.destinations, line.lakeRate])).toEqual([
      [6, 0.1],
      [7, 1],
      [7, 1],
    ]);
    expect(printed).toHaveLength(3);
  });

  test('with L alone it is not sent at all', () => {
    const { log, recorded } = setup({ flags: 'L', random: () => 0.99 });
    log.info('ordinary');
    expect(recorded).toHaveLength(0);
  });

  test('lines of one trace share their fate', () => {
    const { log, recorded } = setup({
      flags: 'L',
      lakeRate: 0.5,
      context: () => ({ traceId: 'f'.repeat(32) }),
      random: () => 0.99,
    });
    log.info('one');
    log.debug('two');
    expect(recorded).toHaveLength(2);
  });
});

describe('a line', () => {
  test('carries ids, component and the metadata of the loggers above', () => {
    const { log, recorded } = setup({ context: () => ({ traceId, spanId, sessionId: 's1' }) });
    log
      .child({ component: 'search', tenant: 't1' })
      .child({ shard: 3 })
      .info('hit', { userId: 'u1', shard: 4 });
    expect(recorded[0]).toMatchObject({
      component: 'search',
      metadata: { tenant: 't1', shard: 4, userId: 'u1' },
      ids: { traceId, spanId, sessionId: 's1', userId: 'u1' },
    });
  });

  test('tells errors from metadata', () => {
    const { log, recorded } = setup();
    const error = new RangeError('too far');
    log.error('a', error);
    log.error('b', error, { retryCount: 3 });
    log.error('c', { retryCount: 3 });
    log.warn('d', 'thrown text');
    log.fatal('e', { odd: true }, { retryCount: 3 });
    log.error(error as unknown as string, { retryCount: 3 });
    expect(recorded.map((line) => [line.message, line.error?.message, line.metadata])).toEqual([
      ['a', 'too far', {}],
      ['b', 'too far', { retryCount: 3 }],
      ['c', undefined, { retryCount: 3 }],
      ['d', 'thrown text', {}],
      ['e', '{"odd":true}', { retryCount: 3 }],
      ['too far', 'too far', { retryCount: 3 }],
    ]);
  });

  test('error and fatal mark the span even when no destination wants the line; others do not', () => {
    const { log, marked } = setup({ flags: '---' });
    const error = new Error('x');
    log.error('a', error);
    log.fatal('b');
    log.warn('c', error);
    expect(marked).toEqual([
      ['a', error],
      ['b', undefined],
    ]);
  });
});

describe('what a line says', () => {
  /** The line of a call, and its text. */
  function written(call: (log: Logger) => void, options: Partial<LoggerOptions> = {}) {
    const { log, recorded } = setup(options);
    call(log);
    const [line] = recorded;
    if (!line) throw new Error('no line');
    return { text: formatJsonLine(line), line };
  }

  const mended = (value: unknown) => (typeof value === 'string' ? safeText(value, Infinity) : value);

  const hostile = fc.oneof(
    fc.constant(1n),
    fc.constant(Number.NaN),
    fc.constant(-0),
    fc.constant(undefined),
    fc.constant(Symbol('s')),
    fc.constant(() => 1),
    fc.constant(new Date(Number.NaN)),
    fc.constant('x'.repeat(20_000)),
    fc.constant('\ud800"\\\u0000'),
    fc.constant(new Map<unknown, unknown>([[{}, new Set([1])]])),
    fc.constant(new Uint8Array(100)),
    fc.constant(Object.assign(new TypeError('bad'), { password: 'p', code: 7 })),
    fc.constant(new Proxy({}, { ownKeys: throwing, get: throwing, getPrototypeOf: throwing })),
    fc.constant({ toJSON: throwing }),
    fc.constant({ toJSON: () => undefined }),
    fc.constant({ toJSON: () => [1, { token: 't' }] }),
    fc.constant(new Array(1_000_000).fill(0)),
    fc.constant(circular()),
    fc.constant(deep(10_000)),
    fc.constant({ a: 1, b: { c: [1, 'x', null] }, [Symbol('k')]: 1 }),
    fc.anything({ withBigInt: true, withMap: true, withSparseArray: true, withNullPrototype: true }),
  );
  const key = fc.oneof(
    fc.constantFrom('userId', 'category', 'tenant', 'password', '__proto__', 'error', 'a.token', '7'),
    fc.string({ unit: 'binary' }),
  );
  const metadata = fc.dictionary(key, hostile, { maxKeys: 5 });

  test('is the same in text, fields and object, whatever the metadata do', () => {
    fc.assert(
      fc.property(metadata, metadata, fc.option(hostile), fc.boolean(), (child, given, error, isPlain) => {
        const call = (log: Logger) => {
          const from = isPlain ? log : log.child({ ...child, component: 'c' });
          (from.error as (...args: unknown[]) => void)('m', error ?? undefined, given);
        };
        const { text, line } = written(call);
        expect(text).not.toContain('\n');
        const metadata: unknown = JSON.parse(JSON.stringify(line.metadata));
        expect((JSON.parse(text) as { metadata?: unknown }).metadata ?? {}).toEqual(metadata);
        const pairs = line.fields.entries().map(([{ name }, value]) => [name, mended(value)]);
        expect(Object.fromEntries(pairs)).toEqual(line.metadata);
        if (isPlain && error === null)
          expect(line.metadata).toEqual(new SafePass({ redaction: defaultRedaction() }).top(given));
      }),
      { numRuns: 80 },
    );
  });

  test('a getter is called once', () => {
    let calls = 0;
    const counting = {
      get value() {
        return ++calls;
      },
    };
    const { log, printed, recorded } = setup();
    log.child({ tenant: 't' }).info('x', counting);
    for (const [line] of [printed, recorded]) expect(line?.metadata).toEqual({ tenant: 't', value: 1 });
  });

  test('a field takes the place of the one of the logger above, also when it is undefined', () => {
    const { text, line } = written((log) => {
      log.child({ a: 1, b: 2, c: 3 }).info('x', { b: 'two', c: undefined });
    });
    expect(line.metadata).toEqual({ a: 1, b: 'two' });
    expect((JSON.parse(text) as { metadata: unknown }).metadata).toEqual({ a: 1, b: 'two' });
  });

  test('what is no object with fields is the value', () => {
    const { text, line } = written((log) => {
      log.child({ a: 1 }).info('x', [1, 2]);
    });
    expect(line.metadata).toEqual({ a: 1, value: [1, 2] });
    expect(JSON.parse(text)).toMatchObject({ metadata: { a: 1, value: [1, 2] } });
  });

  test('own fields of an error are kept, redacted', () => {
    const error = Object.assign(new Error('bad'), {
      code: 'E1',
      config: { headers: { authorization: 'b' } },
    });
    const { text, line } = written((log) => {
      log.error('x', error);
    });
    const expected = { error: { code: 'E1', config: { headers: { authorization: '[Redacted]' } } } };
    expect(line.metadata).toEqual(expected);
    expect(JSON.parse(text)).toMatchObject({ metadata: expected, error: { message: 'bad' } });
  });

  test('ids and category are those that redaction leaves', () => {
    const { line } = written(
      (log) => {
        log.child({ requestId: 'r1' }).info('x', { userId: 'u1', category: 'audit' });
      },
      { redaction: new Redaction({ paths: ['userId'], censor: () => 'hash' }), random: () => 0.99 },
    );
    expect(line.ids).toMatchObject({ userId: 'hash', requestId: 'r1' });
    expect(line.lakeRate).toBe(1);
  });

  test('a long message is bounded, and UTF-8 can carry it', () => {
    const { text, line } = written((log) => {
      log.info(`\ud800${'x'.repeat(1e6)}`);
    });
    expect(line.message).toMatch(/^\ufffdx+…\[Truncated\]$/);
    expect((JSON.parse(text) as { message: string }).message).toBe(line.message);
    expect(text.length).toBeLessThan(20_000);
  });
});

test('an entry from elsewhere has its own time and ids', () => {
  const { log, recorded } = setup({ context: () => ({ traceId, spanId: 'x', requestId: 'r' }) });
  log.write({ level: 'info', message: 'm', epochMs: 5, ids: { spanId }, metadata: { a: 1 } });
  expect(recorded[0]).toMatchObject({
    epochMs: 5,
    ids: { traceId, spanId, requestId: 'r' },
    metadata: { a: 1 },
  });
});

test("flush is the runtime's, and never rejects", async () => {
  await setup().log.flush();
  const { log } = setup({ flush: () => Promise.reject(new Error('no')) });
  await log.flush();
  expect(log.failed).toBe(1);
});

test('a line for the lake alone that is left out is told', () => {
  let count = 0;
  const { log } = setup({ flags: 'CL', random: () => 0.99, onSampledOut: () => count++ });
  log.info('x');
  log.chmod('+D').info('y');
  expect(count).toBe(1);
});

describe('never throws', () => {
  const failing = () => {
    throw new Error('no');
  };

  test('whatever it is given', () => {
    const { log, printed, recorded } = setup();
    const levels = ['trace', 'debug', 'info', 'warn', 'error', 'fatal'] as const;
    let calls = 0;
    fc.assert(
      fc.property(
        fc.constantFrom(...levels),
        fc.anything(),
        fc.anything({ withBigInt: true, withMap: true }),
        fc.anything(),
        (level, a, b, c) => {
          (log[level] as (...args: unknown[]) => void)(a, b, c);
          calls++;
          expect(printed).toHaveLength(calls);
          const line = printed[calls - 1];
          if (!line) throw new Error('no line');
          expect(JSON.parse(formatJsonLine(line))).toMatchObject({ level, service: 'chat' });
          // eslint-disable-next-line no-control-regex -- the claim is about control characters
          expect(formatPrettyLine(line).split('\n')[0]).not.toMatch(/[\u0000-\u001f]/);
          expect(recordAttributes(line)['unhinged.destinations']).toMatch(/^CD[L-]$/);
        },
      ),
    );
    expect(recorded).toHaveLength(calls);
    expect(log.failed).toBe(0);
  });

  test('when sinks, context and hooks throw: it counts, and the other sink still gets the line', () => {
    const { log, recorded } = setup({ console: failing, context: failing, onError: failing });
    log.error('x');
    expect(recorded).toHaveLength(1);
    expect(log.failed).toBe(3);
    expect(log.child({}).failed).toBe(3);
  });
});

describe('formatting', () => {
  test('JSON is one line with what is not empty', () => {
    const { log, printed } = setup({ context: () => ({ traceId, spanId }) });
    log.child({ component: 'db' }).info('two\nlines', { n: 1n });
    const [line] = printed;
    if (!line) throw new Error('no line');
    expect(formatJsonLine(line)).toBe(
      `{"time":"2026-11-23T01:02:03.004Z","level":"info","service":"chat","component":"db","message":"two\\nlines","traceId":"${traceId}","spanId":"${spanId}","metadata":{"n":"1"}}`,
    );
  });

  test('time is UTC with its milliseconds, whatever the clock says', () => {
    const time = (epochMs: number) => {
      const { log, printed } = setup({ now: () => epochMs });
      log.info('x');
      return (JSON.parse(formatJsonLine(printed[0] ?? fail())) as { time: string }).time;
    };
    fc.assert(
      fc.property(fc.integer({ min: -1e12, max: 1e14 }), fc.nat(2_000), (at, step) => {
        expect(time(at)).toBe(new Date(at).toISOString());
        expect(time(at + step)).toBe(new Date(at + step).toISOString());
      }),
    );
    expect(time(Number.NaN)).toBe('0000-00-00T00:00:00.000Z');
  });

  test('pretty is readable, and a message cannot drive the terminal', () => {
    const { log, printed } = setup({ context: () => ({ traceId }) });
    log.error('hi \u001b[2J\nthere', new Error('deep', { cause: new Error('deeper') }), {
      userId: 'u-1',
      note: 'a b',
    });
    const [line] = printed;
    if (!line) throw new Error('no line');
    const lines = formatPrettyLine(line).split('\n');
    expect(lines[0]).toBe(
      `01:02:03.004 ERROR chat hi \\x1b[2J\\nthere userId=u-1 note="a b" trace=${traceId}`,
    );
    expect(lines[1]).toBe('    Error: deep');
    expect(lines).toContain('    Caused by: Error: deeper');
    expect(formatPrettyLine(line, { color: true })).toContain('\u001b[31mERROR\u001b[0m');
  });

  test('record attributes hold metadata, exception, ids, destinations and rate', () => {
    const { log, recorded } = setup({ context: () => ({ traceId, requestId: 'r1' }) });
    log
      .child({ component: 'db' })
      .error('x', new TypeError('bad', { cause: new Error('why') }), { userId: 'u1', retryCount: 3 });
    const [line] = recorded;
    if (!line) throw new Error('no line');
    expect(recordAttributes(line)).toMatchObject({
      retryCount: 3,
      'unhinged.component': 'db',
      'exception.type': 'TypeError',
      'exception.message': 'bad',
      'exception.stacktrace': expect.stringContaining('TypeError: bad') as string,
      'unhinged.exception.causes': [{ type: 'Error', message: 'why' }],
      'unhinged.request.id': 'r1',
      'user.id': 'u1',
      'unhinged.destinations': 'CDL',
      'unhinged.lake.rate': 1,
    });
  });
});

function fail(): never {
  throw new Error('no line');
}

function throwing(): never {
  throw new Error('no');
}

function circular(): object {
  const object: Record<string, unknown> = { list: [] };
  object['self'] = object;
  (object['list'] as unknown[]).push(object);
  return object;
}

function deep(levels: number): object {
  let object: object = {};
  for (let level = 0; level < levels; level++) object = { object };
  return object;
}
