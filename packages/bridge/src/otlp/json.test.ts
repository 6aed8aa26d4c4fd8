import {
  ExportLogsServiceRequest,
  ExportMetricsServiceRequest,
  ExportTraceServiceRequest,
} from '@unhinged/observability-proto/otlp';
import fc from 'fast-check';
import { exportRequests } from '../testing/otlp-arbitraries.js';
import { requestTypes, validate } from '@unhinged/events/otlp';
import { MAX_JSON_DEPTH, parseJson } from './json-text.js';
import { jsonToProtobuf } from './json-to-protobuf.js';

const messages = {
  traces: ExportTraceServiceRequest,
  metrics: ExportMetricsServiceRequest,
  logs: ExportLogsServiceRequest,
};
const utf8 = (text: string) => new TextEncoder().encode(text);
const trace = (span: object) =>
  ExportTraceServiceRequest.decode(
    jsonToProtobuf(
      utf8(JSON.stringify({ resourceSpans: [{ scopeSpans: [{ spans: [span] }] }] })),
      requestTypes.traces,
    ),
  ).resourceSpans[0]?.scopeSpans[0]?.spans[0];

/** proto3 JSON of ts-proto has ids in base64 like all bytes; OTLP has them in hex. */
function withHexIds(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withHexIds);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, inner]: [string, unknown]) =>
      ['traceId', 'spanId', 'parentSpanId'].includes(key) && typeof inner === 'string'
        ? [key, Buffer.from(inner, 'base64').toString('hex')]
        : [key, withHexIds(inner)],
    ),
  );
}

test('JSON and protobuf of any request carry the same content', () => {
  fc.assert(
    fc.property(exportRequests, ({ signal, bytes, json }) => {
      // JSON has no NaN and no infinity as a number; proto3 writes them as strings.
      const text = JSON.stringify(withHexIds(json), (_, value: unknown) =>
        typeof value === 'number' && !Number.isFinite(value) ? String(value) : value,
      );
      const converted = jsonToProtobuf(utf8(text), requestTypes[signal]);
      validate(converted, requestTypes[signal]);
      const known = messages[signal].toJSON(messages[signal].decode(bytes) as never);
      expect(messages[signal].toJSON(messages[signal].decode(converted) as never)).toEqual(known);
    }),
  );
});

test('ids are hex in any case, enums numbers or names, 64-bit integers numbers or strings, unknown fields skipped', () => {
  expect(
    trace({
      traceId: '5B8EFFF798038103D269B633813FC60C',
      spanId: 'eee19b7ec3c1b174',
      kind: 'SPAN_KIND_SERVER',
      startTimeUnixNano: '1544712660123456789',
      end_time_unix_nano: 1544712661,
      status: { code: 2 },
      newInOtlp3: { a: [1] },
      parentSpanId: null,
    }),
  ).toMatchObject({
    traceId: Buffer.from('5b8efff798038103d269b633813fc60c', 'hex'),
    spanId: Buffer.from('eee19b7ec3c1b174', 'hex'),
    kind: 2,
    startTimeUnixNano: 1544712660123456789n,
    endTimeUnixNano: 1544712661n,
    status: { code: 2 },
  });
});

test('a bare 64-bit number keeps every digit', () => {
  expect(
    parseJson(
      utf8('{"a":1544712660123456789,"b":[-9223372036854775807],"c":"1544712660123456789","d":1.25e3}'),
    ),
  ).toEqual({
    a: '1544712660123456789',
    b: ['-9223372036854775807'],
    c: '1544712660123456789',
    d: 1250,
  });
  expect(parseJson(utf8('{"double":1234567890123456.75,"text":"\\"1544712660123456789"}'))).toEqual({
    double: 1234567890123456.75,
    text: '"1544712660123456789',
  });
});

test('depth is refused before JSON.parse sees it, brackets in strings do not count', () => {
  const nest = (levels: number) => utf8('['.repeat(levels) + ']'.repeat(levels));
  parseJson(nest(MAX_JSON_DEPTH));
  expect(() => parseJson(nest(MAX_JSON_DEPTH + 1))).toThrow(
    'nests more than 160 levels deep, at character 160',
  );
  expect(() => parseJson(utf8('['.repeat(5_000_000)))).toThrow('nests more than 160');
  expect(parseJson(utf8(JSON.stringify({ a: '[{'.repeat(500) + '"' })))).toEqual({
    a: '[{'.repeat(500) + '"',
  });
});

test('a string of 16 MB of escapes is read', () => {
  const text = '\\n"'.repeat(4_000_000);
  expect(parseJson(utf8(JSON.stringify({ text })))).toEqual({ text });
});

test.each<[unknown, string]>([
  [{ traceId: 'xyz' }, 'spans[0].traceId: expected an id in hex, got "xyz"'],
  [{ kind: 'SPAN_KIND_BEST' }, 'spans[0].kind: expected a number or name of the enum, got "SPAN_KIND_BEST"'],
  [
    { startTimeUnixNano: '-1' },
    'startTimeUnixNano: expected a whole number from 0 to 18446744073709551615, got "-1"',
  ],
  [{ startTimeUnixNano: 1.5 }, 'startTimeUnixNano: expected a whole number'],
  [{ name: 7 }, 'name: expected a string, got 7'],
  [{ attributes: { key: 'a' } }, 'attributes: expected an array'],
  [{ attributes: ['a'] }, 'attributes[0]: expected an object (KeyValue), got "a"'],
  [{ flags: 2 ** 32 }, 'flags: expected a whole number from 0 to 4294967295'],
])('%j is refused and named', (span, message) => {
  expect(() => trace(span as object)).toThrow(message);
});

test.each([
  ['not json', 'the body is not JSON'],
  ['[1]', 'the body: expected an object (ExportSpansRequest), got [1]'],
  ['"\\', 'the body is not JSON'],
])('%s is refused', (text, message) => {
  expect(() => jsonToProtobuf(utf8(text), requestTypes.traces)).toThrow(message);
});
