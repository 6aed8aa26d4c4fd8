import { afterEach, expect, test } from '@jest/globals';
import { resourceFromAttributes } from '@opentelemetry/resources';
import { Logger, type LogEntry, type LogLine } from '@unhinged/observability-core';
import { LogRecord } from '@unhinged/observability-proto/otlp';
import fc from 'fast-check';
import { writeLogRecord } from '../export/encode/logs.js';
import { ProtoWriter } from '../export/encode/proto-writer.js';
import { running } from '../running.js';
import { attributes } from '../testing/otlp-receiver.js';
import { OtlpLineEncoder } from './line-encoder.js';
import { LineRecord } from './line-record.js';

afterEach(() => {
  running.lineWay = undefined;
});

const options = {
  service: 's',
  // Takes lines in pieces, as the console of a production process does.
  console: { begin: () => true, field: () => undefined, end: () => undefined, write: () => undefined },
  now: () => 1_763_860_000_123,
  random: () => 0,
};

/** The record that is written during the walk, or undefined when the line came whole. */
function encodedOf(entry: LogEntry, child: object, flags: string, maxAttributes: number) {
  let bytes: Buffer | undefined;
  running.lineWay = {
    send: () => undefined,
    sendEncoded: (_service, record) => (bytes = Buffer.from(record.written())),
    maxAttributes,
  };
  const encoder = new OtlpLineEncoder(() => undefined);
  new Logger({ ...options, flags, record: encoder }).child({ ...child }).write(entry);
  return bytes && read(bytes);
}

/** The record of the same line by the longer way. */
function recordOf(entry: LogEntry, child: object, flags: string, maxAttributes: number) {
  let line: LogLine | undefined;
  new Logger({ ...options, flags, record: (whole) => (line = whole) }).child({ ...child }).write(entry);
  if (line === undefined) return undefined;
  const entries = Object.entries(line.metadata);
  const kept = { ...line, metadata: Object.fromEntries(entries.slice(0, maxAttributes)) };
  const dropped = Math.max(0, entries.length - maxAttributes);
  const writer = new ProtoWriter();
  writeLogRecord(writer, new LineRecord(kept, resourceFromAttributes({}), dropped));
  const bytes = writer.written();
  // The length is in front.
  return read(bytes.subarray(bytes.findIndex((byte) => byte < 0x80) + 1));
}

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

test('a line written during the walk is the record that the longer way makes of it', () => {
  fc.assert(
    fc.property(
      fc.dictionary(keys, values),
      fc.dictionary(keys, values, { maxKeys: 3 }),
      fc.string({ unit: 'grapheme', maxLength: 60 }),
      ids,
      fc.constantFrom('CDL', 'D', 'L', 'CD', 'DL'),
      fc.constantFrom<LogEntry['level']>('info', 'debug', 'error'),
      fc.constantFrom(2, 128),
      (metadata, child, message, given, flags, level, max) => {
        const entry = { level, message, metadata, ids: given };
        expect(encodedOf(entry, child, flags, max)).toEqual(recordOf(entry, child, flags, max));
      },
    ),
  );
});

test('a line with an error comes whole', () => {
  expect(encodedOf({ level: 'error', message: 'm', error: new Error('no') }, {}, 'CDL', 128)).toBeUndefined();
});

test('a getter that logs does not disturb the line that it is part of', () => {
  const seen: unknown[] = [];
  running.lineWay = {
    send: () => undefined,
    sendEncoded: (_service, record) => {
      const { body, attributes: list } = LogRecord.decode(record.written());
      seen.push([body?.value, attributes(list)]);
    },
    maxAttributes: 128,
  };
  const log = new Logger({
    ...options,
    flags: 'D',
    record: new OtlpLineEncoder(({ message }) => seen.push(message)),
  });
  log.info('outer', {
    a: 'A',
    get b() {
      log.info('inner');
      return 'B';
    },
  });
  log.info('after');
  expect(seen).toEqual([
    'inner',
    [
      { $case: 'stringValue', value: 'outer' },
      { a: 'A', b: 'B', 'unhinged.destinations': '-D-' },
    ],
    [{ $case: 'stringValue', value: 'after' }, { 'unhinged.destinations': '-D-' }],
  ]);
});

test('what throws on the way does not keep the next line from being written', () => {
  let isBroken = true;
  let lines = 0;
  running.lineWay = { send: () => undefined, sendEncoded: () => lines++, maxAttributes: 128 };
  const log = new Logger({
    ...options,
    flags: 'D',
    now: () => {
      if (isBroken) throw new Error('no clock');
      return 1;
    },
    record: new OtlpLineEncoder(() => undefined),
  });
  log.info('lost');
  isBroken = false;
  log.info('written');
  expect([lines, log.failed]).toEqual([1, 1]);
});
