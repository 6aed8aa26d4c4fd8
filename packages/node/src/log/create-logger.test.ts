import { afterEach, describe, expect, jest, test } from '@jest/globals';
import { EventEmitter, memoryTransport } from '@unhinged/events';
import { LogEvent } from '@unhinged/observability-proto';
import { running } from '../running.js';
import { printedLines } from '../testing/printed-lines.js';
import { createLogger } from './create-logger.js';

const printed = printedLines();
afterEach(() => {
  jest.restoreAllMocks();
  delete process.env['LOG_FLAGS'];
  delete process.env['LOG_REDACT'];
});

const lines = () => printed().map((line) => JSON.parse(line) as Record<string, unknown>);

describe('a logger without startNode', () => {
  test('prints C lines as JSON and counts what D and L miss', () => {
    const before = running.counts.logs.stats();
    const log = createLogger({ service: 'chat', flags: 'CDL' });
    log.info('hello', { userId: '123' });
    log.error('failed', new Error('why'));
    expect(lines()).toMatchObject([
      { level: 'info', service: 'chat', message: 'hello', metadata: { userId: '123' } },
      { level: 'error', message: 'failed', error: { message: 'why' } },
    ]);
    const after = running.counts.logs.stats();
    expect((after.dropped.not_started ?? 0) - (before.dropped.not_started ?? 0)).toBe(2);
    expect(after.queued).toBe(0);
  });

  test('the explicit flags beat LOG_FLAGS', () => {
    process.env['LOG_FLAGS'] = '-';
    createLogger().info('silent');
    createLogger({ flags: 'C' }).info('loud');
    expect(lines()).toMatchObject([{ message: 'loud' }]);
  });

  test('takes the name that startNode is given later', () => {
    const log = createLogger({ flags: 'C' });
    running.resource = { 'service.name': 'named-later' };
    log.info('hello');
    running.resource = undefined;
    expect(lines()).toMatchObject([{ service: 'named-later' }]);
  });

  test('bad LOG_FLAGS are warned of and the explicit flags still hold', () => {
    process.env['LOG_FLAGS'] = 'CQ';
    const warning = jest.spyOn(process, 'emitWarning').mockImplementation(() => undefined);
    createLogger({ flags: 'C' }).info('still here');
    expect(lines()).toMatchObject([{ message: 'still here' }]);
    expect(warning.mock.calls.map(([text]) => String(text)).join()).toMatch(/LOG_FLAGS 'CQ' is ignored/);
  });
});

describe('redaction', () => {
  test('names and paths of the option, of LOG_REDACT, and the obvious secrets', () => {
    process.env['LOG_REDACT'] = 'ssn';
    const log = createLogger({ flags: 'C', redact: ['user.*.card'] });
    log.info('x', { password: 'p', ssn: 's', user: { a: { card: 1 }, card: 2 }, ok: true });
    expect(lines()[0]?.['metadata']).toEqual({
      password: '[Redacted]',
      ssn: '[Redacted]',
      user: { a: { card: '[Redacted]' }, card: 2 },
      ok: true,
    });
  });

  test('what is wrong with it is warned of, and the obvious secrets stay secret', () => {
    process.env['LOG_REDACT'] = 'a..b';
    const warning = jest.spyOn(process, 'emitWarning').mockImplementation(() => undefined);
    createLogger({ flags: 'C', redact: ['c..d'] }).info('x', { password: 'p' });
    expect(lines()[0]?.['metadata']).toEqual({ password: '[Redacted]' });
    const warned = warning.mock.calls.map(([text]) => String(text)).join();
    expect(warned).toContain('its name 2 is empty');
    expect(warned).toContain("LOG_REDACT 'a..b' is ignored");
  });
});

describe('counts', () => {
  test('a line for the lake alone that routing leaves out is sampledOut', () => {
    const { logs } = running.counts;
    const before = { ...logs.stats() };
    createLogger({ flags: 'L', lakeRate: 0 }).info('x');
    const { created, sampledOut, queued } = logs.stats();
    expect([created - before.created, sampledOut - before.sampledOut, queued]).toEqual([1, 1, 0]);
  });

  test('C lines count as console', async () => {
    const before = running.counts.console.stats();
    const log = createLogger({ flags: 'C' });
    log.info('x');
    await log.flush();
    const { created, exported, queued } = running.counts.console.stats();
    expect([created - before.created, exported - before.exported, queued]).toEqual([1, 1, 0]);
  });
});

describe('a logger with an emitter', () => {
  test('sends D and L lines there as LogEvents, numbered, and C lines only to the console', async () => {
    const transport = memoryTransport();
    const emitter = new EventEmitter({ transport });
    const log = createLogger({ service: 'chat', flags: 'info=CD,debug=C,error=DL', events: emitter });
    const before = running.counts.logs.exported;
    log.debug('console only');
    log.info('both', { requestId: 'r-1' });
    log.error('lake', new TypeError('bad'));
    await emitter.flush();
    const events = transport.records.map((record) => LogEvent.decode(record.value));
    expect(lines().map((line) => line['message'])).toEqual(['console only', 'both']);
    expect(events).toMatchObject([
      {
        message: 'both',
        resource: { serviceName: 'chat', attributes: { 'unhinged.tier': 'gateway' } },
        destinations: { console: true, cdcStream: true, dataLake: false },
        traceContext: { requestId: 'r-1' },
      },
      {
        message: 'lake',
        destinations: { console: false, cdcStream: true, dataLake: true },
        error: { type: 'TypeError', message: 'bad' },
      },
    ]);
    expect((events[1]?.sequenceNumber ?? 0n) - (events[0]?.sequenceNumber ?? 0n)).toBe(1n);
    expect(events.map((event) => event.emitterId)).toEqual([
      emitter.sequence.emitterId,
      emitter.sequence.emitterId,
    ]);
    expect(running.counts.logs.exported - before).toBe(2);
  });

  test('counts what the emitter refuses', async () => {
    const emitter = new EventEmitter({ transport: memoryTransport({ maxRecords: 0 }) });
    jest.spyOn(process, 'emitWarning').mockImplementation(() => undefined);
    const before = running.counts.logs.dropped.failed ?? 0;
    createLogger({ flags: 'D', events: emitter }).info('lost');
    await emitter.flush();
    expect((running.counts.logs.dropped.failed ?? 0) - before).toBe(1);
  });
});
