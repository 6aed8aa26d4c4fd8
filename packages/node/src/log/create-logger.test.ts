import { afterEach, beforeEach, describe, expect, jest, test } from '@jest/globals';
import { EventEmitter, memoryTransport } from '@unhinged/events';
import { LogEvent } from '@unhinged/observability-proto';
import { running } from '../running.js';
import { createLogger } from './create-logger.js';

let printed: string[];
beforeEach(() => {
  printed = [];
  jest.spyOn(process.stdout, 'write').mockImplementation((text) => {
    printed.push(String(text));
    return true;
  });
});
afterEach(() => {
  jest.restoreAllMocks();
  delete process.env['LOG_FLAGS'];
});

const lines = () => printed.map((text) => JSON.parse(text) as Record<string, unknown>);

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
    expect(warning.mock.calls.map(([text]) => String(text)).join()).toMatch(/LOG_FLAGS 'CQ'/);
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
