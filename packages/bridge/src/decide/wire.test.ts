import { AnyValue, ExportTraceServiceRequest } from '@unhinged/observability-proto/otlp';
import fc from 'fast-check';
import { exportRequests } from '../testing/otlp-arbitraries.js';
import {
  countItems,
  MAX_VALUE_DEPTH,
  requestTypes,
  SIGNALS,
  splitRequest,
  validate,
  WireError,
} from '@unhinged/events/otlp';

test('whatever ts-proto encodes is accepted, with the same number of items', () => {
  fc.assert(
    fc.property(exportRequests, ({ signal, bytes, items }) => {
      validate(bytes, requestTypes[signal]);
      expect(countItems(splitRequest(bytes))).toBe(items);
    }),
  );
});

test('random, cut and damaged bytes are accepted or refused with a WireError, nothing else', () => {
  const damaged = fc.tuple(exportRequests, fc.nat(), fc.nat({ max: 255 })).map(([{ bytes }, at, value]) => {
    const copy = bytes.slice();
    if (copy.length > 0) copy[at % copy.length] = value;
    return copy;
  });
  const cut = fc
    .tuple(exportRequests, fc.nat())
    .map(([{ bytes }, at]) => bytes.subarray(0, at % (bytes.length + 1)));
  const input = fc.oneof(damaged, cut, fc.uint8Array({ maxLength: 400 }));
  fc.assert(
    fc.property(input, fc.constantFrom(...SIGNALS), (bytes, signal) => {
      try {
        validate(bytes, requestTypes[signal]);
        splitRequest(bytes);
      } catch (error) {
        expect(error).toBeInstanceOf(WireError);
      }
    }),
    { numRuns: 1000 },
  );
});

test('never looks beyond the slice it was given', () => {
  const whole = Uint8Array.from([0x0a, 0x02, 0x12, 0x00, 0x0a, 0x00]);
  expect(() => {
    validate(whole.subarray(0, 3), requestTypes.traces);
  }).toThrow('says it has 2 bytes where 1 are left');
});

const span = (attributes: { key: string; value: AnyValue }[]) =>
  ExportTraceServiceRequest.encode(
    ExportTraceServiceRequest.fromPartial({
      resourceSpans: [{ scopeSpans: [{ spans: [{ name: 'a' }, { name: 'b', attributes }] }] }],
    }),
  ).finish();

function nested(levels: number): AnyValue {
  let value: AnyValue = { value: { $case: 'boolValue', value: true } };
  for (let i = 1; i < levels; i++) {
    value =
      i % 2 === 0
        ? { value: { $case: 'arrayValue', value: { values: [value] } } }
        : { value: { $case: 'kvlistValue', value: { values: [{ key: 'k', value }] } } };
  }
  return value;
}

test('values may nest 32 deep, not 33, and the error names where', () => {
  validate(span([{ key: 'deep', value: nested(MAX_VALUE_DEPTH) }]), requestTypes.traces);
  const tooDeep = span([
    { key: 'fine', value: nested(1) },
    { key: 'deep', value: nested(MAX_VALUE_DEPTH + 1) },
  ]);
  expect(() => {
    validate(tooDeep, requestTypes.traces);
  }).toThrow(
    /^resource_spans\[0\]\.scope_spans\[0\]\.spans\[1\]\.attributes\[1\]\.value\..* nests values more than 32 deep/,
  );
});

test('a million nested messages in 16 MB are refused at once, without exhausting the stack', () => {
  // Each level: AnyValue.array_value { ArrayValue.values { … } }, lengths written as five-byte varints.
  const levels = 200_000;
  const size = levels * 12;
  const bytes = new Uint8Array(size);
  for (let i = 0; i < levels * 2; i++) {
    const rest = size - (i + 1) * 6;
    bytes.set(
      [
        i % 2 === 0 ? 0x2a : 0x0a,
        (rest & 127) | 128,
        ((rest >> 7) & 127) | 128,
        ((rest >> 14) & 127) | 128,
        ((rest >> 21) & 127) | 128,
        0,
      ],
      i * 6,
    );
  }
  const type = requestTypes.traces.byName.get('resource_spans')?.message?.byName.get('resource')?.message;
  const keyValue = type?.byName.get('attributes')?.message?.byName.get('value')?.message;
  if (!keyValue) throw new Error('AnyValue not found');
  expect(() => {
    validate(bytes, keyValue);
  }).toThrow('nests values more than 32 deep');
});

test.each<[string, number[], string]>([
  ['a varint without end', [0x0a, 0xff, 0xff], 'resource_spans[0] (byte 0) ends inside a varint'],
  ['a varint of eleven bytes', [0x0a, ...Array<number>(10).fill(0xff), 1], 'varint of more than 10 bytes'],
  ['field number 0', [0x02, 0x00], 'not a field tag'],
  ['a group', [0x0b, 0x0c], 'resource_spans[0] (byte 0) has wire type 3 where message has 2'],
  ['an unknown group', [0x7b, 0x7c], 'has wire type 3, which OTLP does not use'],
  [
    'a string where a message belongs',
    [0x0a, 0x02, 0x08, 0x01],
    'resource_spans[0].resource (byte 2) has wire type 0',
  ],
  [
    'a time that is no fixed64',
    [0x0a, 0x06, 0x12, 0x04, 0x12, 0x02, 0x38, 0x01],
    'resource_spans[0].scope_spans[0].spans[0].start_time_unix_nano (byte 6) has wire type 0 where fixed64 has 1',
  ],
  [
    'a name that is not UTF-8',
    [0x0a, 0x07, 0x12, 0x05, 0x12, 0x03, 0x2a, 0x01, 0xff],
    '.name (byte 6) is not UTF-8',
  ],
])('%s is refused and named', (_, bytes, message) => {
  expect(() => {
    validate(Uint8Array.from(bytes), requestTypes.traces);
  }).toThrow(message);
});

test('numbers that are repeated are read packed and one by one', () => {
  const point = (...field: number[]) =>
    // resource_metrics > scope_metrics > metrics > histogram > data_points
    [0x0a, 0x12, 0x12, 0x4a, 0x0a].reduceRight<number[]>(
      (inner, tag) => [tag, inner.length, ...inner],
      field,
    );
  const eight = [1, 0, 0, 0, 0, 0, 0, 0];
  validate(Uint8Array.from(point(0x31, ...eight, 0x31, ...eight)), requestTypes.metrics);
  validate(Uint8Array.from(point(0x32, 16, ...eight, ...eight)), requestTypes.metrics);
  expect(() => {
    validate(Uint8Array.from(point(0x32, 9, ...eight, 1)), requestTypes.metrics);
  }).toThrow('data_points[0].bucket_counts (byte 10) has 9 bytes of numbers that take 8 each');
});
