import { jest } from '@jest/globals';
import fc from 'fast-check';
import { openLake, type LakeInput } from '../lake.js';
import { openLakeReader } from '../reader/lake-reader.js';
import { logInput, metricInput, NANOS, spanInput } from '../testing/events.js';
import { testFolder } from '../testing/folder.js';

jest.setTimeout(60_000);

/** Rows as objects, after a way through Parquet. */
async function stored(
  table: string,
  inputs: LakeInput[],
  order = 'time',
): Promise<Record<string, unknown>[]> {
  const dir = testFolder();
  const lake = await openLake({ dir });
  await lake.append(inputs);
  await lake.close();
  expect(lake.stats().skipped).toEqual({});
  const reader = await openLakeReader({ dir });
  const { columns, rows } = await reader.query(`from ${table} order by ${order}`, { maxRows: 10_000 });
  await reader.close();
  return rows.map((row) => Object.fromEntries(columns.map(({ name }, index) => [name, row[index]])));
}

const bytes = (hex: string): Uint8Array => Uint8Array.from(Buffer.from(hex, 'hex'));
const text = (value: string) => ({ value: { $case: 'stringValue' as const, value } });

describe('a span', () => {
  it('is stored whole', async () => {
    const [row] = await stored('observability_traces', [
      spanInput(1, {
        eventId: 'e1',
        emitterId: 'm1',
        sequenceNumber: 2n ** 60n,
        resource: {
          serviceName: 'gateway',
          serviceVersion: '1.2',
          deploymentEnvironment: 'production',
          attributes: { 'unhinged.tier': 'gateway', 'host.name': 'h' },
        },
        traceContext: { sessionId: 's', userId: 'u', requestId: 'r' },
        sampling: { adjustedCount: 10 },
        scope: { name: 'http', version: '3' },
        span: {
          traceId: bytes('0123456789abcdef0123456789abcdef'),
          spanId: bytes('0123456789abcdef'),
          parentSpanId: bytes('fedcba9876543210'),
          traceState: 'ot=th:8',
          name: 'GET /',
          kind: 2,
          startTimeUnixNano: NANOS,
          endTimeUnixNano: NANOS + 2_000_000_001n,
          status: { code: 2, message: 'no' },
          attributes: [
            { key: 'int', value: { value: { $case: 'intValue', value: 2n ** 62n } } },
            { key: 'small', value: { value: { $case: 'intValue', value: 7n } } },
            { key: 'nan', value: { value: { $case: 'doubleValue', value: NaN } } },
            { key: 'bytes', value: { value: { $case: 'bytesValue', value: bytes('00ff') } } },
            { key: '__proto__', value: text('own') },
            {
              key: 'list',
              value: { value: { $case: 'arrayValue', value: { values: [text('a'), { value: undefined }] } } },
            },
          ],
          events: [{ name: 'exception', timeUnixNano: NANOS, attributes: [{ key: 'k', value: text('v') }] }],
          links: [{ traceId: bytes('aa'.repeat(16)), spanId: bytes('bb'.repeat(8)) }],
        },
      }),
    ]);
    expect(row).toEqual({
      event_id: 'e1',
      time: '2026-03-04T05:06:07.123456Z',
      time_unix_nano: NANOS.toString(),
      end_time_unix_nano: (NANOS + 2_000_000_001n).toString(),
      duration_ns: 2_000_000_001,
      trace_id: '0123456789abcdef0123456789abcdef',
      span_id: '0123456789abcdef',
      parent_span_id: 'fedcba9876543210',
      name: 'GET /',
      kind: 'server',
      status_code: 'error',
      status_message: 'no',
      trace_state: 'ot=th:8',
      attributes:
        '{"int":"4611686018427387904","small":7,"nan":"NaN","bytes":"AP8=","__proto__":"own","list":["a",null]}',
      events: `[{"name":"exception","time_unix_nano":"${NANOS.toString()}","attributes":{"k":"v"}}]`,
      links: `[{"trace_id":"${'aa'.repeat(16)}","span_id":"${'bb'.repeat(8)}","trace_state":"","attributes":{}}]`,
      correlation_id: '',
      request_id: 'r',
      session_id: 's',
      user_id: 'u',
      adjusted_count: 10,
      scope_name: 'http',
      scope_version: '3',
      service_version: '1.2',
      environment: 'production',
      tier: 'gateway',
      resource_attributes: { 'unhinged.tier': 'gateway', 'host.name': 'h' },
      emitter_id: 'm1',
      sequence_number: (2n ** 60n).toString(),
      date: '2026-03-04',
      hour: 5,
      service: 'gateway',
    });
  });
});

describe('a log line', () => {
  it('is stored with its error and its causes', async () => {
    const [row] = await stored('observability_logs', [
      logInput(1, {
        level: 5,
        severityNumber: 17,
        message: 'Query failed',
        metadata: { retryCount: 3, nested: { a: [1, 'x', null] }, 'a.b': 'dotted' },
        traceContext: { traceId: 'ab'.repeat(16), spanId: 'cd'.repeat(8), correlationId: 'c' },
        error: {
          type: 'TypeError',
          message: 'no',
          stack: 'at x',
          causes: [{ type: 'Error', message: 'deep', stack: '', causes: [] }],
        },
        sampling: { lakeRate: 0.1, adjustedCount: 1 },
        scopeName: 'search',
        eventName: 'query.failed',
        observedTimestamp: { seconds: 1n, nanos: 5 },
      }),
    ]);
    expect(row).toMatchObject({
      level: 'error',
      severity_number: 17,
      message: 'Query failed',
      trace_id: 'ab'.repeat(16),
      correlation_id: 'c',
      error_type: 'TypeError',
      error_message: 'no',
      error_stack: 'at x',
      error_causes: '[{"type":"Error","message":"deep","stack":""}]',
      lake_rate: 0.1,
      scope_name: 'search',
      event_name: 'query.failed',
      observed_time_unix_nano: 1_000_000_005,
    });
    expect(JSON.parse(String(row?.['attributes']))).toEqual({
      retryCount: 3,
      nested: { a: [1, 'x', null] },
      'a.b': 'dotted',
    });
  });

  it('keeps every character of any text', async () => {
    const messages = fc.sample(fc.string({ unit: 'binary', maxLength: 60 }), 300);
    messages.push('', '\u0000', "'; drop table x; --", '{"a":1}', '\n\r\u2028', '💥'.repeat(1_000));
    const rows = await stored(
      'observability_logs',
      messages.map((message, index) => logInput(index + 1, { message, sequenceNumber: BigInt(index) })),
      'sequence_number',
    );
    expect(rows.map((row) => row['message'])).toEqual(messages);
  });
});

describe('a metric', () => {
  it('has one row for each point, whatever its type', async () => {
    const time = { timeUnixNano: NANOS, startTimeUnixNano: NANOS - 5n };
    const big = 2n ** 62n + 1n;
    const rows = await stored(
      'observability_metrics',
      [
        metricInput(1, {
          metric: {
            name: 'a',
            unit: 'ms',
            description: 'd',
            data: {
              $case: 'sum',
              value: {
                isMonotonic: true,
                aggregationTemporality: 2,
                dataPoints: [
                  { ...time, value: { $case: 'asInt', value: big }, flags: 1 },
                  {
                    ...time,
                    timeUnixNano: NANOS + 3_600_000_000_000n,
                    value: { $case: 'asDouble', value: Infinity },
                  },
                ],
              },
            },
          },
        }),
        metricInput(2, {
          metric: {
            name: 'b',
            data: {
              $case: 'histogram',
              value: {
                aggregationTemporality: 1,
                dataPoints: [
                  {
                    ...time,
                    count: 3n,
                    sum: 4.5,
                    min: 0.5,
                    bucketCounts: [1n, 2n],
                    explicitBounds: [2.5],
                    exemplars: [
                      {
                        timeUnixNano: NANOS,
                        value: { $case: 'asDouble', value: 0.5 },
                        traceId: bytes('aa'.repeat(16)),
                        spanId: bytes('bb'.repeat(8)),
                      },
                    ],
                  },
                ],
              },
            },
          },
        }),
        metricInput(3, {
          metric: {
            name: 'c',
            data: {
              $case: 'exponentialHistogram',
              value: {
                dataPoints: [
                  {
                    ...time,
                    count: 2n,
                    scale: -1,
                    zeroCount: 1n,
                    positive: { offset: 3, bucketCounts: [1n] },
                  },
                ],
              },
            },
          },
        }),
        metricInput(4, {
          metric: {
            name: 'd',
            data: {
              $case: 'summary',
              value: {
                dataPoints: [{ ...time, count: 9n, sum: 1, quantileValues: [{ quantile: 0.5, value: 2 }] }],
              },
            },
          },
        }),
      ],
      'name, point_index',
    );
    expect(rows).toMatchObject([
      {
        name: 'a',
        unit: 'ms',
        description: 'd',
        type: 'sum',
        temporality: 'cumulative',
        is_monotonic: true,
        value_int: big.toString(),
        flags: 1,
        hour: 5,
        start_time_unix_nano: (NANOS - 5n).toString(),
      },
      { name: 'a', point_index: 1, value: 'Infinity', value_int: null, hour: 6 },
      {
        type: 'histogram',
        temporality: 'delta',
        count: 3,
        sum: 4.5,
        min: 0.5,
        max: null,
        bucket_counts: [1, 2],
        explicit_bounds: [2.5],
        exemplars: `[{"time_unix_nano":"${NANOS.toString()}","value":0.5,"trace_id":"${'aa'.repeat(16)}","span_id":"${'bb'.repeat(8)}","attributes":{}}]`,
      },
      {
        type: 'exponential_histogram',
        exponential:
          '{"scale":-1,"zero_count":1,"zero_threshold":0,"positive":{"offset":3,"counts":[1]},"negative":null}',
      },
      { type: 'summary', count: 9, sum: 1, quantiles: '[{"quantile":0.5,"value":2}]' },
    ]);
  });
});
