import { expect, test } from '@jest/globals';
import { resourceFromAttributes } from '@opentelemetry/resources';
import { Logger, type LogEntry, type LoggerOptions } from '@unhinged/observability-core';
import { LogRecord } from '@unhinged/observability-proto/otlp';
import fc from 'fast-check';
import { writeLogRecord } from '../export/encode/logs.js';
import { ProtoWriter } from '../export/encode/proto-writer.js';
import { attributes } from '../testing/otlp-receiver.js';
import type { LineRecord } from './line-record.js';
import { lineSender } from './otlp-sink.js';

const service = resourceFromAttributes({ 'service.name': 's' });

/** The records of what is logged, by the way of lines. */
function recordsOf(log: (log: Logger) => void, options: Partial<LoggerOptions>, maxAttributes?: number) {
  const records: LineRecord[] = [];
  const processor = {
    onEmit: (record: unknown) => void records.push(record as LineRecord),
    forceFlush: () => Promise.resolve(),
    shutdown: () => Promise.resolve(),
  };
  const limits = maxAttributes === undefined ? {} : { attributeCountLimit: maxAttributes };
  log(
    new Logger({
      service: 's',
      console: () => undefined,
      record: lineSender(service, [processor], limits),
      now: () => 1_763_860_000_123,
      random: () => 0,
      ...options,
    }),
  );
  return records;
}

const written = (write: (writer: ProtoWriter) => void) => {
  const writer = new ProtoWriter();
  write(writer);
  const bytes = writer.written();
  // The length is in front.
  return read(bytes.subarray(bytes.findIndex((byte) => byte < 0x80) + 1));
};

function read(bytes: Uint8Array) {
  const record = LogRecord.decode(bytes);
  return { ...record, attributes: attributes(record.attributes), keys: record.attributes.length };
}

const ids = fc.record(
  {
    traceId: fc.constant('a'.repeat(32)),
    spanId: fc.constant('b'.repeat(16)),
    correlationId: fc.string(),
    requestId: fc.string(),
    sessionId: fc.string(),
    userId: fc.string(),
  },
  { requiredKeys: [] },
);
const ours = ['user.id', 'session.id', 'unhinged.destinations', 'unhinged.component', 'unhinged.lake.rate'];
const keys = fc.oneof(
  { weight: 4, arbitrary: fc.string({ unit: 'grapheme' }) },
  fc.constantFrom(...ours, 'exception.type', 'userId', 'password', '__proto__', 'k'.repeat(70)),
);
const values = fc.oneof(
  fc.string({ unit: 'binary', maxLength: 200 }),
  fc.integer(),
  fc.double(),
  fc.boolean(),
  fc.constant(null),
  fc.jsonValue(),
  fc.string().map((text) => text.repeat(30)),
);

test('a line is the record that the longer way makes of it', () => {
  fc.assert(
    fc.property(
      fc.dictionary(keys, values),
      fc.dictionary(keys, values, { maxKeys: 3 }),
      fc.string({ unit: 'grapheme', maxLength: 60 }),
      ids,
      fc.constantFrom('CDL', 'D', 'L', 'CD', 'DL'),
      fc.constantFrom<LogEntry['level']>('info', 'debug', 'error'),
      fc.option(fc.constant(new TypeError('bad')), { nil: undefined }),
      fc.constantFrom(2, 128),
      (metadata, child, message, given, flags, level, error, max) => {
        const entry = { level, message, metadata, ids: given, error };
        const [record] = recordsOf(
          (log) => {
            log.child({ ...child }).write(entry);
          },
          { flags },
          max,
        );
        // Lake routing left it out.
        if (record === undefined) return;
        const names = Object.keys({ ...child, ...metadata }).length;
        expect(record.droppedAttributesCount).toBeLessThanOrEqual(Math.max(0, names - max));
        expect(Object.keys(record.line.metadata).length).toBeLessThanOrEqual(max);
        const short = written((writer) => {
          record.writeTo(writer);
        });
        const long = written((writer) => {
          writeLogRecord(writer, record);
        });
        expect(short).toEqual(long);
      },
    ),
  );
});

test('of too many attributes the last are counted, those that say where the line goes stay', () => {
  const [record] = recordsOf(
    (log) => {
      log.info('m', { a: 1, b: 2, c: 3 });
    },
    { flags: 'D' },
    2,
  );
  expect([record?.droppedAttributesCount, record?.attributes]).toEqual([
    1,
    { a: 1, b: 2, 'unhinged.destinations': '-D-' },
  ]);
});

test('a getter that logs gives two records', () => {
  const records = recordsOf(
    (log) => {
      log.info('outer', {
        a: 'A',
        get b() {
          log.info('inner', { c: 'C' });
          return 'B';
        },
      });
    },
    { flags: 'D' },
  );
  expect(records.map(({ body, line }) => [body, line.metadata])).toEqual([
    ['inner', { c: 'C' }],
    ['outer', { a: 'A', b: 'B' }],
  ]);
});
