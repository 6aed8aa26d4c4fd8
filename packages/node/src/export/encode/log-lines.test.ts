import { expect, test } from '@jest/globals';
import { resourceFromAttributes } from '@opentelemetry/resources';
import { LogRecord } from '@unhinged/observability-proto/otlp';
import type { LogLine } from '@unhinged/observability-core';
import { LineRecord } from '../../log/line-record.js';
import { attributes } from '../../testing/otlp-receiver.js';
import { writeLine } from './log-lines.js';
import { writeLogRecord } from './logs.js';
import { ProtoWriter } from './proto-writer.js';

const line: LogLine = {
  epochMs: 1_763_860_000_123,
  level: 'info',
  service: 's',
  component: '',
  message: 'hello',
  metadata: {},
  ids: {},
  destinations: 6,
  lakeRate: 0,
};

test.each<Partial<LogLine>>([
  {},
  { component: 'c', lakeRate: 0.1, destinations: 7, metadata: { a: 1, b: [true, null, { c: 'ü' }] } },
  { lakeRate: 0.5, destinations: 7, ids: { traceId: 'a'.repeat(32), spanId: 'b'.repeat(16), userId: 'u' } },
  {
    ids: {
      traceId: 'c'.repeat(32),
      spanId: 'd'.repeat(16),
      correlationId: 'c',
      requestId: 'r',
      sessionId: 's',
    },
  },
  // A key of ours in the metadata gives way, and is there once.
  { metadata: { 'user.id': 'theirs', 'unhinged.destinations': 'x' }, ids: { userId: 'ours' } },
  { error: { type: 'T', message: 'm', stack: 's', causes: [] } },
])('a line is the record that the longer way makes of it: %j', (part) => {
  const record = new LineRecord({ ...line, ...part }, resourceFromAttributes({}), 2);
  const decoded = [writeLine, writeLogRecord].map((write) => {
    const writer = new ProtoWriter();
    write(writer, record);
    const bytes = writer.written();
    // The length is in front, in one or two bytes.
    const read = LogRecord.decode(bytes.subarray(bytes.length > 129 ? 2 : 1));
    return { ...read, attributes: attributes(read.attributes), keys: read.attributes.length };
  });
  expect(decoded[0]).toEqual(decoded[1]);
  expect(decoded[0]?.keys).toBe(Object.keys(decoded[0]?.attributes ?? {}).length);
});
