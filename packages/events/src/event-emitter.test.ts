import { buildLogEvent, Sequence, toEventResource } from '@unhinged/observability-core';
import { LogEvent } from '@unhinged/observability-proto';
import fc from 'fast-check';

import {
  CDCObservabilityIntegration,
  EventEmitter,
  eventHeaders,
  type EventTransport,
  memoryTransport,
  toRecord,
} from './index.js';

const traceId = '0af7651916cd43dd8448eb211c80319c';
const spanId = 'b7ad6b7169203331';
const sequence = new Sequence();

function logEvent(message = 'hello', destinations = 7): LogEvent {
  const resource = toEventResource({ 'service.name': 'chat service', 'service.instance.id': 'i-1' });
  const time = 1_700_000_000_123_456_789n;
  return buildLogEvent(
    { level: 'info', message, resource, destinations, timeUnixNano: time, traceContext: { traceId, spanId } },
    { sequence },
  );
}

describe('EventEmitter', () => {
  it('resolves when the transport has the event, and gives it to subscribers', async () => {
    const transport = memoryTransport();
    const emitter = new EventEmitter({ transport });
    const seen: string[] = [];
    const leave = emitter.on('observability.log_entry', ({ message }) => seen.push(message));
    await emitter.emit('observability.log_entry', logEvent('one'));
    leave();
    await emitter.emit('observability.log_entry', logEvent('two'));
    expect(seen).toEqual(['one']);
    expect(transport.records.map(({ value }) => LogEvent.decode(value).message)).toEqual(['one', 'two']);
    expect(emitter.stats()).toMatchObject({ emitted: 2, delivered: 2, queued: 0, dropped: {} });
  });

  it('fills in id, number, emitter and type', async () => {
    const transport = memoryTransport();
    const emitter = new EventEmitter({ transport });
    const { eventId, sequenceNumber, emitterId, eventType, ...rest } = logEvent();
    await emitter.emit('observability.log_entry', rest);
    await emitter.emit('observability.log_entry', rest);
    const events = transport.records.map(({ value }) => LogEvent.decode(value));
    expect(events.map((event) => event.sequenceNumber)).toEqual([1n, 2n]);
    expect(new Set(events.map((event) => event.emitterId)).size).toBe(1);
    expect(new Set(events.map((event) => event.eventId)).size).toBe(2);
    expect(events[0]?.eventType).toBe('log_entry');
    expect([eventId, sequenceNumber, emitterId, eventType]).not.toContain(undefined);
  });

  it('takes only the event that belongs to the name', () => {
    const emitter = new EventEmitter();
    // @ts-expect-error a log event is no span
    const refused = (): Promise<void> => emitter.emit('observability.span', logEvent());
    // @ts-expect-error there is no such name
    const unknown = (): Promise<void> => emitter.emit('observability.nothing', logEvent());
    expect([refused, unknown]).toHaveLength(2);
  });

  it('keeps a failing subscriber away from the emitting code', async () => {
    const errors: unknown[] = [];
    const emitter = new EventEmitter({ onError: (error) => errors.push(error) });
    emitter.on('observability.log_entry', () => {
      throw new Error('mine');
    });
    const asynchronous = (): Promise<void> => Promise.reject(new Error('mine, later'));
    emitter.on('observability.log_entry', asynchronous);
    await emitter.emit('observability.log_entry', logEvent());
    await Promise.resolve();
    expect(errors).toHaveLength(2);
    expect(emitter.stats()).toMatchObject({ delivered: 1, subscriberErrors: 2 });
  });

  it('batches what queues while a send is under way, one at a time and in order', async () => {
    const sizes: number[] = [];
    const messages: string[] = [];
    let underWay = 0;
    const transport: EventTransport = {
      connect: () => Promise.resolve(),
      async sendBatch(records) {
        expect(++underWay).toBe(1);
        await new Promise((resolve) => setImmediate(resolve));
        sizes.push(records.length);
        messages.push(...records.map(({ value }) => LogEvent.decode(value).message));
        underWay--;
        return records.map(() => ({}));
      },
      close: () => Promise.resolve(),
    };
    const emitter = new EventEmitter({ transport });
    const emits = Array.from({ length: 3000 }, (_, n) =>
      emitter.emit('observability.log_entry', logEvent(`${n}`)),
    );
    await Promise.all(emits);
    expect(sizes).toEqual([1024, 1024, 952]);
    expect(messages).toEqual(Array.from({ length: 3000 }, (_, n) => `${n}`));
    await emitter.close();
    await expect(emitter.emit('observability.log_entry', logEvent())).rejects.toMatchObject({
      code: 'emitter_closed',
    });
  });

  it('may be left without waiting: a refusal is counted, reported once, and ends nothing', async () => {
    const unhandled: unknown[] = [];
    const listener = (error: unknown): number => unhandled.push(error);
    process.on('unhandledRejection', listener);
    const reported: unknown[] = [];
    const transport: EventTransport = {
      connect: () => Promise.reject(new Error('down')),
      sendBatch: () => Promise.resolve([]),
      close: () => Promise.resolve(),
    };
    const emitter = new EventEmitter({ transport, maxQueued: 2, onError: (error) => reported.push(error) });
    void emitter.emit('observability.log_entry', undefined as unknown as LogEvent);
    void emitter.emit('observability.nothing' as 'observability.log_entry', logEvent());
    for (let n = 0; n < 5; n++) void emitter.emit('observability.log_entry', logEvent());
    await emitter.close();
    await new Promise((resolve) => setImmediate(resolve));
    process.off('unhandledRejection', listener);
    expect(unhandled).toEqual([]);
    const dropped = { queue_full: 3, transport: 2, bad_event: 2 };
    expect(emitter.stats()).toMatchObject({ emitted: 7, delivered: 0, queued: 0, dropped });
    expect(reported).toHaveLength(3);
  });

  it('shows what it refused as a gap in the numbers', async () => {
    const transport = memoryTransport();
    const emitter = new EventEmitter({ transport, maxQueued: 1 });
    const { sequenceNumber, ...rest } = logEvent();
    await Promise.allSettled([1, 2, 3].map(() => emitter.emit('observability.log_entry', rest)));
    await emitter.emit('observability.log_entry', rest);
    expect(sequenceNumber).toBeDefined();
    const numbers = transport.records.map(({ value }) => LogEvent.decode(value).sequenceNumber);
    expect(numbers).toEqual([1n, 4n]);
  });

  it('does not take silence of the transport for success', async () => {
    const transport: EventTransport = {
      connect: () => Promise.resolve(),
      sendBatch: () => Promise.resolve([]),
      close: () => Promise.resolve(),
    };
    const emitter = new EventEmitter({ transport });
    await expect(emitter.emit('observability.log_entry', logEvent())).rejects.toMatchObject({
      code: 'transport',
    });
  });

  it('flush ends though others go on emitting', async () => {
    const emitter = new EventEmitter({ transport: memoryTransport() });
    let stopped = false;
    const goOn = async (): Promise<void> => {
      while (!stopped) await emitter.emit('observability.log_entry', logEvent());
    };
    const lanes = [goOn(), goOn()];
    await emitter.flush();
    stopped = true;
    await Promise.all(lanes);
    expect(emitter.stats().queued).toBe(0);
  });

  it('accounts for every event, whatever the transport does', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.constantFrom('ok', 'record', 'batch'), { minLength: 1 }),
        fc.integer({ min: 1, max: 40 }),
        async (behaviours, maxQueued) => {
          let calls = 0;
          const transport: EventTransport = {
            connect: () => Promise.resolve(),
            sendBatch(records) {
              const behaviour = behaviours[calls++ % behaviours.length];
              if (behaviour === 'batch') return Promise.reject(new Error('down'));
              return Promise.resolve(
                records.map(() => (behaviour === 'ok' ? {} : { error: new Error('poison') })),
              );
            },
            close: () => Promise.resolve(),
          };
          const emitter = new EventEmitter({ transport, maxQueued });
          const emits = Array.from({ length: 50 }, () => emitter.emit('observability.log_entry', logEvent()));
          const results = await Promise.allSettled(emits);
          const { emitted, delivered, dropped, queued } = emitter.stats();
          const lost = Object.values(dropped).reduce((sum, n) => sum + n, 0);
          expect([emitted, queued]).toEqual([50, 0]);
          expect(delivered + lost).toBe(50);
          expect(results.filter(({ status }) => status === 'fulfilled')).toHaveLength(delivered);
        },
      ),
      { numRuns: 50 },
    );
  });
});

describe('a record', () => {
  it('goes to the topic of its kind, or to that of the lake when it is not for the stream', () => {
    expect(toRecord('observability.log_entry', logEvent('x', 7)).topic).toBe('observability.logs');
    expect(toRecord('observability.log_entry', logEvent('x', 1)).topic).toBe('observability.lake');
    expect(toRecord('observability.log_entry', logEvent()).key).toBe(traceId);
    const untraced = { ...logEvent(), traceContext: undefined };
    expect(toRecord('observability.log_entry', untraced).key).toBe('chat service/i-1');
  });

  it('has the CloudEvents headers of its event', () => {
    const event = logEvent();
    expect(eventHeaders(toRecord('observability.log_entry', event))).toEqual({
      ce_specversion: '1.0',
      ce_id: event.eventId,
      ce_type: 'observability.log_entry',
      ce_source: `/chat%20service/${event.emitterId}`,
      ce_time: '2023-11-14T22:13:20.123456789Z',
      'content-type': 'application/protobuf',
      traceparent: `00-${traceId}-${spanId}-01`,
      'x-emitter-id': event.emitterId,
      'x-seq': event.sequenceNumber.toString(),
    });
  });
});

describe('CDCObservabilityIntegration', () => {
  it('emits a log entry with real numbers, UTC partitions and the lake rule', async () => {
    const transport = memoryTransport();
    const cdc = new CDCObservabilityIntegration(new EventEmitter({ transport }), { lakeRate: 0 });
    await cdc.emitLogEvent({
      level: 'error',
      message: 'Query failed',
      service: 'chat',
      userId: 'u-1',
      metadata: { requestId: 'r-1', rows: 3 },
      error: new TypeError('no'),
    });
    await cdc.emitLogEvent({
      level: 'info',
      message: 'fine',
      service: 'chat',
      metadata: { category: 'audit' },
    });
    await cdc.emitLogEvent({ level: 'info', message: 'fine', service: 'chat' });
    const events = transport.records.map(({ value }) => LogEvent.decode(value));
    expect(events.map(({ destinations }) => destinations?.dataLake)).toEqual([true, true, false]);
    expect(events.map(({ sequenceNumber }) => sequenceNumber)).toEqual([1n, 2n, 3n]);
    const [first] = events;
    expect(first).toMatchObject({
      message: 'Query failed',
      metadata: { requestId: 'r-1', rows: 3 },
      error: { type: 'TypeError', message: 'no' },
      traceContext: { requestId: 'r-1', userId: 'u-1' },
      resource: { serviceName: 'chat', serviceVersion: '1.0.0' },
    });
    const time = new Date(Number(first?.timestamp?.seconds) * 1000).toISOString();
    expect(first?.partitionInfo).toMatchObject({
      datePartition: time.slice(0, 10),
      hourPartition: time.slice(11, 13),
      servicePartition: 'chat',
    });
  });
});
