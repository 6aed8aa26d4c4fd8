import { readFileSync, writeFileSync } from 'node:fs';
import {
  ExportLogsServiceRequest,
  ExportMetricsServiceRequest,
  ExportTraceServiceRequest,
} from '@unhinged/observability-proto/otlp';
import { readMessage } from './read-message.js';

// What the Flink job (packages/jvm/flink) holds itself to: the same records of a topic hold the same events, under the same ids.
// After a change that is meant: UPDATE_VECTORS=1, and read the diff.
const file = new URL('../../../vectors/messages.json', import.meta.url);

const NANOS = 1_772_600_767_123_456_789n;
const string = (key: string, value: string) => ({
  key,
  value: { value: { $case: 'stringValue' as const, value } },
});
const int = (key: string, value: bigint) => ({
  key,
  value: { value: { $case: 'intValue' as const, value } },
});
const double = (key: string, value: number) => ({
  key,
  value: { value: { $case: 'doubleValue' as const, value } },
});
const id = (length: number, byte: number) => new Uint8Array(length).fill(byte);

const resource = {
  attributes: [
    string('service.name', 'chat'),
    string('service.version', '1'),
    string('deployment.environment', 'old name'),
    string('unhinged.tier', 'gateway'),
    int('process.pid', 4_711n),
    int('large', 2n ** 60n),
    double('ratio', 1e21),
    {
      key: 'list',
      value: { value: { $case: 'arrayValue' as const, value: { values: [double('', 0.000_000_1).value] } } },
    },
    { key: 'none' },
  ],
};

const span = (fields: object) => ({
  traceId: id(16, 1),
  spanId: id(8, 2),
  startTimeUnixNano: NANOS,
  ...fields,
});
const traces = ExportTraceServiceRequest.fromPartial({
  resourceSpans: [
    {
      resource,
      scopeSpans: [
        {
          scope: { name: 'http', version: '2' },
          spans: [
            span({
              name: 'sampled',
              traceState: 'vendor=x, ot=th:e6;rv:00000000000001',
              kind: 2,
              endTimeUnixNano: NANOS,
            }),
            span({ name: 'precise', traceState: 'ot=th:fffffffffffff8' }),
            span({ name: 'counted by others', traceState: 'unhinged=k:1;c:0,ot=th:8' }),
            span({ name: 'unreadable threshold', traceState: 'ot=th:XYZ' }),
            span({ traceId: id(16, 0), name: 'no trace' }),
            span({ spanId: id(7, 1), name: 'short span id' }),
            span({
              name: 'with ids',
              attributes: [
                string('session.id', 's'),
                string('user.id', 'u'),
                string('unhinged.request.id', 'r'),
                string('unhinged.correlation.id', 'ö'.repeat(129)),
                int('session.id', 5n),
              ],
            }),
          ],
        },
      ],
    },
    { scopeSpans: [{ spans: [span({ name: 'without resource and scope' })] }] },
  ],
});
const metrics = ExportMetricsServiceRequest.fromPartial({
  resourceMetrics: [
    {
      resource,
      scopeMetrics: [
        {
          metrics: [
            { name: 'empty' },
            { name: '' },
            {
              name: 'up',
              data: {
                $case: 'gauge',
                value: { dataPoints: [{ timeUnixNano: NANOS, value: { $case: 'asInt', value: 2n ** 53n } }] },
              },
            },
          ],
        },
      ],
    },
  ],
});
const long = ExportTraceServiceRequest.fromPartial({
  resourceSpans: [
    {
      resource: { attributes: [string('long', 'x'.repeat(20_000))] },
      scopeSpans: [{ spans: [span({ name: 'of a resource that is cut' })] }],
    },
  ],
});
const line = (text: string, attributes: object[] = [], fields: object = {}) => ({
  timeUnixNano: NANOS,
  body: { value: { $case: 'stringValue' as const, value: text } },
  attributes,
  ...fields,
});
const flags = ['CDL', 'cd-', '--L', '-', '5', '7', '+D-L', '=L', 'CL=', '+', 'nonsense', ''];
const logs = ExportLogsServiceRequest.fromPartial({
  resourceLogs: [
    {
      resource,
      scopeLogs: [
        {
          scope: { name: 'logger' },
          logRecords: [
            ...flags.map((each) => line(`flags ${each}`, [string('unhinged.destinations', each)])),
            line('flags as a number', [int('unhinged.destinations', 4n)]),
            line('sampled', [double('unhinged.lake.rate', 0.1)]),
            line('wrong rate', [double('unhinged.lake.rate', 2)]),
            line('by number', [], { severityNumber: 18 }),
            line('by text', [], { severityText: ' Information ' }),
            line('by its other name', [], { severityText: 'CRITICAL' }),
            line('by nothing', [], { severityText: 'whatever', severityNumber: 99 }),
            line('in a trace', [string('event.name', 'click')], { traceId: id(16, 3), spanId: id(8, 4) }),
            line('in no trace', [], { traceId: id(15, 3), spanId: id(8, 4), eventName: 'e' }),
            line('no time', [], { timeUnixNano: 0n }),
            line('time of another age', [], { timeUnixNano: 2n ** 63n, observedTimeUnixNano: NANOS }),
            { timeUnixNano: NANOS, body: { value: { $case: 'doubleValue', value: 1.5 } } },
            line('failed', [
              string('exception.type', 'TypeError'),
              string('exception.message', 'x is undefined'),
              {
                key: 'unhinged.exception.causes',
                value: {
                  value: {
                    $case: 'arrayValue',
                    value: {
                      values: [
                        { value: { $case: 'kvlistValue', value: { values: [string('type', 'Inner')] } } },
                      ],
                    },
                  },
                },
              },
              string('twice', 'first'),
              int('between', 1n),
              string('twice', 'last'),
              double('nan', NaN),
            ]),
          ],
        },
      ],
    },
  ],
});

const TIME = 1_772_600_770_000;
const requests: [string, Uint8Array, Record<string, string>?][] = [
  ['observability.traces', ExportTraceServiceRequest.encode(traces).finish()],
  ['observability.traces', ExportTraceServiceRequest.encode(long).finish()],
  ['observability.metrics', ExportMetricsServiceRequest.encode(metrics).finish()],
  ['observability.logs', ExportLogsServiceRequest.encode(logs).finish()],
  ['observability.traces', new TextEncoder().encode('not protobuf')],
  ['observability.lake', ExportLogsServiceRequest.encode(logs).finish()],
  ['observability.logs', new Uint8Array(), { ce_type: 'observability.log_entry' }],
];

test('the events of recorded messages are those of vectors/messages.json', () => {
  const vectors = requests.map(([topic, value, headers = {}], index) => {
    const at = { topic, partition: index, offset: String(2n ** 40n), timestamp: String(TIME) };
    return { ...at, headers, value: Buffer.from(value).toString('hex'), ...read(at, value, headers) };
  });
  const text = `${JSON.stringify(vectors, null, 1)}\n`;
  if (process.env['UPDATE_VECTORS']) writeFileSync(file, text);
  expect(JSON.parse(text)).toEqual(JSON.parse(readFileSync(file, 'utf8')));
});

function read(
  {
    topic,
    partition,
    offset,
    timestamp,
  }: { topic: string; partition: number; offset: string; timestamp: string },
  value: Uint8Array,
  headers: Record<string, string>,
): object {
  try {
    const message = { key: null, value: Buffer.from(value), attributes: 0, offset, timestamp, headers };
    const { events, rejected } = readMessage(topic, partition, message);
    return {
      events: events.map((event) => ({
        id: event.id,
        eventType: event.record.eventType,
        value: Buffer.from(event.record.value).toString('hex'),
      })),
      rejected,
    };
  } catch {
    return { refused: true };
  }
}
