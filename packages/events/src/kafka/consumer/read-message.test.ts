import { LogEvent, TraceEvent } from '@unhinged/observability-proto';
import { ExportLogsServiceRequest, ExportTraceServiceRequest } from '@unhinged/observability-proto/otlp';
import type { KafkaMessage } from 'kafkajs';

import { eventHeaders } from '../../event-headers.js';
import { toRecord } from '../../record.js';
import { readMessage } from './read-message.js';

const message = (
  value: Uint8Array | null,
  headers: Record<string, string> = {},
  offset = '7',
): KafkaMessage => ({
  key: Buffer.from('key'),
  value: value === null ? null : Buffer.from(value),
  timestamp: '1795395600000',
  attributes: 0,
  offset,
  headers: Object.fromEntries(Object.entries(headers).map(([name, text]) => [name, Buffer.from(text)])),
});

const spans = ExportTraceServiceRequest.encode(
  ExportTraceServiceRequest.fromPartial({
    resourceSpans: [
      {
        scopeSpans: [
          {
            spans: [
              // No start: the time of arrival stands in for it.
              { traceId: Buffer.alloc(16, 1), spanId: Buffer.alloc(8, 1), name: 'a' },
              { traceId: Buffer.alloc(16), spanId: Buffer.alloc(8, 1), name: 'no trace id' },
              { traceId: Buffer.alloc(16, 1), spanId: Buffer.alloc(8, 2), name: 'b' },
            ],
          },
        ],
      },
    ],
  }),
).finish();

test('a batch of the Collector gives the same events, byte for byte, however often it is read', () => {
  const first = readMessage('observability.traces', 3, message(spans));
  const second = readMessage('observability.traces', 3, message(spans));
  expect(second).toEqual(first);
  expect(first.rejected).toEqual([{ reason: 'bad_trace_id', items: 1 }]);
  expect(first.events.map(({ record }) => TraceEvent.decode(record.value).span?.name)).toEqual(['a', 'b']);
  for (const { id, record } of first.events) {
    const event = TraceEvent.decode(record.value);
    expect(event.eventId).toBe(id);
    expect(event).toMatchObject({ sequenceNumber: 0n, emitterId: '', timestamp: { seconds: 1795395600n } });
  }
});

test('another topic, partition, offset or place in the batch is another id', () => {
  const logs = ExportLogsServiceRequest.encode(
    ExportLogsServiceRequest.fromPartial({ resourceLogs: [{ scopeLogs: [{ logRecords: [{}, {}] }] }] }),
  ).finish();
  const ids = [
    ...readMessage('observability.logs', 0, message(logs)).events,
    ...readMessage('observability.logs', 1, message(logs)).events,
    ...readMessage('observability.logs', 0, message(logs, {}, '8')).events,
    ...readMessage('observability.traces', 0, message(spans)).events,
  ].map(({ id }) => id);
  expect(new Set(ids).size).toBe(8);
});

test('a typed event is passed on with its id, number and own headers, and the derived ones are left out', () => {
  const event = LogEvent.fromPartial({
    eventId: 'id',
    emitterId: 'em',
    sequenceNumber: 12n,
    eventType: 'log_entry',
    message: 'hello',
    traceContext: { traceId: '0af7651916cd43dd8448eb211c80319c', spanId: 'b7ad6b7169203331' },
  });
  const record = toRecord('observability.log_entry', event);
  const sent = message(record.value, eventHeaders({ ...record, headers: { 'x-mine': 'yes' } }));
  const { events } = readMessage(record.topic, 0, { ...sent, key: Buffer.from(record.key) });
  expect(events).toEqual([
    {
      ...{ id: 'id', emitterId: 'em', sequence: 12 },
      record: { ...record, value: Buffer.from(record.value), headers: { 'x-mine': 'yes' } },
    },
  ]);
  // Another producer's, without our headers.
  const foreign = readMessage(record.topic, 0, message(record.value, { ce_type: 'observability.log_entry' }));
  expect(foreign.events).toMatchObject([{ id: 'id', emitterId: 'em', sequence: 12 }]);
});

test('what holds no event is refused', () => {
  expect(() => readMessage('observability.traces', 0, message(Buffer.from('not protobuf')))).toThrow();
  expect(() => readMessage('observability.alerts', 0, message(spans))).toThrow('holds no OTLP');
  expect(() => readMessage('observability.logs', 0, message(null))).toThrow('no value');
  expect(() => readMessage('observability.logs', 0, message(Buffer.alloc(0), { ce_type: 'x' }))).toThrow(
    'no id',
  );
});
